using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Names;

namespace MiniDns.Configuration;

/// <summary>Reads the zones a word of a Corefile stands for: a name, or a network that stands for its reverse zones.</summary>
public static class ZoneText
{
    /// <summary>Reads a zone with an optional scheme and port, which are dropped: <c>example.org</c>, <c>dns://example.org:53</c>,
    /// <c>10.0.0.0/8</c>. This is how plugins read zones among their arguments.</summary>
    /// <param name="text">The text.</param>
    /// <param name="zones">The zones in lower case, at least one.</param>
    /// <param name="error">What is wrong, when it is not a zone.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out IReadOnlyList<DnsName>? zones, [NotNullWhen(false)] out string? error)
    {
        foreach (string scheme in (ReadOnlySpan<string>)["dns://", "tls://", "quic://", "grpc://", "https3://", "https://", "unix://"])
        {
            if (text.StartsWith(scheme, StringComparison.Ordinal))
            {
                text = text[scheme.Length..];
                break;
            }
        }

        return TryParse(text, out zones, out _, out error);
    }

    /// <summary>Reads a zone with an optional port and without a scheme.</summary>
    /// <param name="text">The text; nothing before the port is the root.</param>
    /// <param name="zones">The zones in lower case, at least one. A network whose length is not a multiple of 8 (IPv4) or 4 (IPv6) gives
    /// the zones of its parts, up to 128.</param>
    /// <param name="port">The port, 0 to 65535; null when there is none.</param>
    /// <param name="error">What is wrong, when it is not a zone.</param>
    internal static bool TryParse(string text, [NotNullWhen(true)] out IReadOnlyList<DnsName>? zones, out int? port, [NotNullWhen(false)] out string? error)
    {
        zones = null;
        port = null;
        int colon = text.LastIndexOf(':');
        if (colon == text.Length - 1)
        {
            error = text.Length == 0 ? "it is empty; write '.' for the root zone" : "a port is expected after the last ':'";
            return false;
        }

        // a number after the last colon is the port, in IPv6 too: a network always ends in its length
        if (colon >= 0 && long.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
        {
            if (number is < 0 or > 65535)
            {
                error = $"'{text[(colon + 1)..]}' is not a port; ports are 0 to 65535";
                return false;
            }

            port = (int)number;
            text = colon == 0 ? "." : text[..colon];
        }

        if (AddressText.TryParseNetwork(text, out IPNetwork network))
        {
            if (text[0] is ':' || (text[0] is '0' && text.Contains(':', StringComparison.Ordinal)))
            {
                error = $"networks that begin with ':' or '0' are not taken; write the name of the reverse zone, such as '{ReverseZone(network.BaseAddress, network.PrefixLength / 4 * 4)}'";
                return false;
            }

            zones = ReverseZones(network);
            error = null;
            return true;
        }

        if (!DnsName.TryParse(text, null, out DnsName? name, out error))
        {
            error = $"'{text}' is not a zone: {error}";
            return false;
        }

        zones = [name.ToLower()];
        return true;
    }

    /// <summary>The reverse zones that together hold a network (RFC 1035 §3.5, RFC 3596 §2.5).</summary>
    /// <param name="network">The network; IPv4 is cut at 8 bits, IPv6 at 4.</param>
    public static IReadOnlyList<DnsName> ReverseZones(IPNetwork network)
    {
        int unit = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 8 : 4;
        int prefix = (network.PrefixLength + unit - 1) / unit * unit;
        int count = 1 << (prefix - network.PrefixLength);
        DnsName[] zones = new DnsName[count];
        byte[] octets = network.BaseAddress.GetAddressBytes();
        for (int i = 0; i < count; i++)
        {
            zones[i] = ReverseZone(new IPAddress(octets), prefix);
            if (i < count - 1)
            {
                octets[(prefix - 1) / 8] += (byte)(1 << ((8 - (prefix % 8)) % 8));
            }
        }

        return zones;
    }

    private static DnsName ReverseZone(IPAddress address, int prefix)
    {
        byte[] octets = address.GetAddressBytes();
        bool isIPv4 = octets.Length == 4;
        List<string> labels = [isIPv4 ? "in-addr.arpa." : "ip6.arpa."];
        for (int bit = 0; bit < prefix; bit += isIPv4 ? 8 : 4)
        {
            byte octet = octets[bit / 8];
            labels.Add(isIPv4
                ? octet.ToString(CultureInfo.InvariantCulture)
                : (bit % 8 == 0 ? octet >> 4 : octet & 15).ToString("x", CultureInfo.InvariantCulture));
        }

        labels.Reverse();
        return DnsName.Parse(string.Join('.', labels));
    }
}
