using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Dns64;

/// <summary>An IPv6 prefix that holds the IPv4 addresses (RFC 6052 §2.2): 32 to 96 bits, a multiple of 8.</summary>
/// <remarks>The IPv4 address follows the prefix; octet 8 of the IPv6 address is skipped and zero, where the prefix does not reach it.</remarks>
internal sealed class TranslationPrefix
{
    /// <summary>The length of an address's name below <c>ip6.arpa</c>, in octets.</summary>
    private const int ReverseLength = 74;

    private const int ReservedOctet = 8;

    private readonly byte[] _octets;
    private readonly int _length;       // in octets

    private TranslationPrefix(byte[] octets, int length)
    {
        _octets = octets;
        _length = length;
    }

    /// <summary><c>64:ff9b::/96</c>.</summary>
    public static TranslationPrefix WellKnown { get; } =
        TryParse("64:ff9b::/96", out TranslationPrefix? prefix) ? prefix : throw new InvalidOperationException();

    /// <summary>True for the lengths that RFC 6052 §2.2 knows: 32, 40, 48, 56, 64 and 96 bits.</summary>
    public bool IsStandard => _length is (>= 4 and <= 8) or 12;

    /// <summary>Reads a prefix, <c>2001:db8:64::/96</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TranslationPrefix? prefix)
    {
        prefix = null;
        if (AddressText.TryParseNetwork(text, out IPNetwork network)
            && network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6
            && network.PrefixLength is >= 32 and <= 96
            && network.PrefixLength % 8 == 0)
        {
            prefix = new TranslationPrefix(network.BaseAddress.GetAddressBytes(), network.PrefixLength / 8);
        }

        return prefix is not null;
    }

    /// <summary>Puts an IPv4 address into the prefix.</summary>
    /// <param name="v4">The address's 4 octets.</param>
    /// <param name="v6">Takes the 16 octets.</param>
    public void Embed(ReadOnlySpan<byte> v4, Span<byte> v6)
    {
        _octets.CopyTo(v6);
        int at = _length;
        foreach (byte octet in v4)
        {
            at += at == ReservedOctet ? 1 : 0;
            v6[at++] = octet;
        }
    }

    /// <summary>Finds the IPv4 address that the name of an IPv6 address stands for: <c>….b.9.f.f.4.6.0.0.ip6.arpa</c>.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="v4">Takes the 4 octets.</param>
    /// <returns>False when it is no such name, or of an address outside the prefix.</returns>
    public bool TryReadReverse(DnsNameView name, Span<byte> v4)
    {
        ReadOnlySpan<byte> wire = name.Wire;
        Span<byte> v6 = stackalloc byte[16];
        if (wire.Length != ReverseLength || !wire.EndsWith("\u0003ip6\u0004arpa\0"u8))
        {
            return false;
        }

        for (int i = 0; i < 32; i++)
        {
            // The last digit comes first.
            int digit = wire[2 * i] == 1 ? Digit(wire[(2 * i) + 1]) : -1;
            if (digit < 0)
            {
                return false;
            }

            v6[15 - (i / 2)] |= (byte)(i % 2 == 0 ? digit : digit << 4);
        }

        int at = _length;
        for (int i = 0; i < 4; i++)
        {
            at += at == ReservedOctet ? 1 : 0;
            v4[i] = v6[at++];
        }

        // What follows the IPv4 address is zero (RFC 6052 §2.2), and so is the octet that is skipped.
        Span<byte> whole = stackalloc byte[16];
        Embed(v4, whole);
        return BinaryPrimitives.ReadUInt128BigEndian(whole) == BinaryPrimitives.ReadUInt128BigEndian(v6);
    }

    /// <summary>Writes the name of an IPv4 address, <c>1.2.0.192.in-addr.arpa</c>.</summary>
    /// <param name="v4">The address's 4 octets.</param>
    /// <param name="destination">Takes the name; 30 octets are enough.</param>
    /// <returns>The octets written.</returns>
    public static int WriteReverse(ReadOnlySpan<byte> v4, Span<byte> destination)
    {
        int at = 0;
        for (int i = 3; i >= 0; i--)
        {
            System.Buffers.Text.Utf8Formatter.TryFormat(v4[i], destination[(at + 1)..], out int digits);
            destination[at] = (byte)digits;
            at += digits + 1;
        }

        ReadOnlySpan<byte> end = "\u0007in-addr\u0004arpa\0"u8;
        end.CopyTo(destination[at..]);
        return at + end.Length;
    }

    private static int Digit(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'a' and <= (byte)'f' => octet - 'a' + 10,
        _ => -1,
    };
}
