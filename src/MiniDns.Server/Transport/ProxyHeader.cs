using System.Buffers.Binary;
using System.Net;
using MiniDns.Configuration;
using MiniDns.Queries;

namespace MiniDns.Server.Transport;

/// <summary>The header that a proxy puts in front of what a client sends, to tell the client's address: HAProxy's PROXY protocol, version 1
/// (a line of text, TCP only) and 2 (binary).</summary>
/// <param name="Length">How many octets it has.</param>
/// <param name="Client">The client's address, when there is one.</param>
/// <param name="Local">The address that the client sent to, when there is one.</param>
internal readonly record struct ProxyHeader(int Length, ClientAddress Client, ClientAddress Local)
{
    /// <summary>The longest header that is taken, in octets; proxies that add much to theirs add some hundred.</summary>
    public const int MaxLength = 4096;

    private const int LongestLine = 107;
    private const int FixedLength = 16;
    private const int IPv4Length = 12;
    private const int IPv6Length = 36;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> Word => "PROXY "u8;

    /// <summary>Reads a header. Never throws, allocates nothing for version 2.</summary>
    /// <param name="octets">The first octets of a datagram, or of a connection as far as they have come.</param>
    /// <param name="isStream">True for a connection: its headers are of either version and for TCP; else of version 2 and for UDP.</param>
    /// <param name="header">The header, when there is a whole one.</param>
    public static ProxyHeaderStatus Read(ReadOnlySpan<byte> octets, bool isStream, out ProxyHeader header)
    {
        header = default;
        if (octets.IsEmpty)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        if (octets[0] == Signature[0])
        {
            int compared = Math.Min(octets.Length, Signature.Length);
            return !octets[..compared].SequenceEqual(Signature[..compared]) ? ProxyHeaderStatus.None
                : octets.Length < FixedLength ? ProxyHeaderStatus.Incomplete
                : ReadBinary(octets, isStream, out header);
        }

        if (octets[0] == Word[0])
        {
            int compared = Math.Min(octets.Length, Word.Length);
            return !octets[..compared].SequenceEqual(Word[..compared]) ? ProxyHeaderStatus.None
                : compared < Word.Length ? ProxyHeaderStatus.Incomplete
                : isStream ? ReadLine(octets, out header) : ProxyHeaderStatus.Malformed;
        }

        return ProxyHeaderStatus.None;
    }

    private static ProxyHeaderStatus ReadBinary(ReadOnlySpan<byte> octets, bool isStream, out ProxyHeader header)
    {
        // ver_cmd, fam, len (2), addresses, type-length-value fields that are none of our business
        header = default;
        int rest = BinaryPrimitives.ReadUInt16BigEndian(octets[14..]);
        int command = octets[12] & 0x0F;
        int family = octets[13] >> 4;
        int protocol = octets[13] & 0x0F;
        if (octets[12] >> 4 != 2 || command > 1 || family > 3 || protocol > 2 || FixedLength + rest > MaxLength)
        {
            return ProxyHeaderStatus.Malformed;
        }

        if (octets.Length < FixedLength + rest)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        if (command == 0 || family is not (1 or 2))
        {
            header = new ProxyHeader(FixedLength + rest, default, default);
            return ProxyHeaderStatus.Local;
        }

        if (protocol != (isStream ? 1 : 2) || rest < (family == 1 ? IPv4Length : IPv6Length))
        {
            return ProxyHeaderStatus.Malformed;
        }

        int size = family == 1 ? 4 : 16;
        ReadOnlySpan<byte> addresses = octets[FixedLength..];
        ReadOnlySpan<byte> ports = addresses[(2 * size)..];
        header = new ProxyHeader(
            FixedLength + rest,
            new ClientAddress(addresses[..size], BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new ClientAddress(addresses.Slice(size, size), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])));
        return ProxyHeaderStatus.Proxied;
    }

    private static ProxyHeaderStatus ReadLine(ReadOnlySpan<byte> octets, out ProxyHeader header)
    {
        header = default;
        ReadOnlySpan<byte> seen = octets[..Math.Min(octets.Length, LongestLine)];
        int end = seen.IndexOf((byte)'\n');
        if (end < 0)
        {
            return seen.Length == LongestLine ? ProxyHeaderStatus.Malformed : ProxyHeaderStatus.Incomplete;
        }

        if (seen[end - 1] != (byte)'\r')
        {
            return ProxyHeaderStatus.Malformed;
        }

        // PROXY TCP4 192.0.2.1 192.0.2.2 56324 53
        Span<char> text = stackalloc char[LongestLine];
        ReadOnlySpan<char> line = text[..System.Text.Encoding.Latin1.GetChars(seen[Word.Length..(end - 1)], text)];
        Span<Range> words = stackalloc Range[6];
        int count = line.Split(words, ' ');
        bool isUnknown = line[words[0]].SequenceEqual("UNKNOWN");
        if (isUnknown)
        {
            header = new ProxyHeader(end + 1, default, default);
            return ProxyHeaderStatus.Local;
        }

        bool isIPv6 = line[words[0]].SequenceEqual("TCP6");
        if (count != 5 || (!isIPv6 && !line[words[0]].SequenceEqual("TCP4"))
            || !TryReadEndpoint(line[words[1]], line[words[3]], isIPv6, out ClientAddress client)
            || !TryReadEndpoint(line[words[2]], line[words[4]], isIPv6, out ClientAddress local))
        {
            return ProxyHeaderStatus.Malformed;
        }

        header = new ProxyHeader(end + 1, client, local);
        return ProxyHeaderStatus.Proxied;
    }

    private static bool TryReadEndpoint(ReadOnlySpan<char> address, ReadOnlySpan<char> port, bool isIPv6, out ClientAddress endpoint)
    {
        endpoint = default;
        if (address.Contains(':') != isIPv6 || address.Contains('%') || !AddressText.TryParseAddress(address, out IPAddress? parsed) || !AddressText.TryParsePort(port, out int number))
        {
            return false;
        }

        endpoint = ClientAddress.From(new IPEndPoint(parsed, number));
        return true;
    }
}
