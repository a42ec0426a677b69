using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MiniDns.Configuration;

/// <summary>Reads addresses as Corefiles write them: <c>8.8.8.8</c>, <c>8.8.8.8:53</c>, <c>[2001:db8::1]:53</c>, <c>fe80::1%eth0</c>, <c>:8080</c>.</summary>
public static class AddressText
{
    /// <summary>Reads an IP address strictly: IPv4 as four decimal numbers, no shorthand, octal or hexadecimal; IPv6 without brackets,
    /// with <c>%INTERFACE</c> by name or number.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address; its scope is 0 when this machine has no interface of the name.</param>
    public static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        int percent = text.IndexOf('%');
        ReadOnlySpan<char> bare = percent < 0 ? text : text[..percent];
        if (percent >= 0 && percent == text.Length - 1)
        {
            return false;
        }

        bool isIPv6 = bare.Contains(':');
        if (bare.ContainsAny("[]/") || (!isIPv6 && (percent >= 0 || !IsDottedQuad(bare))) || !IPAddress.TryParse(bare, out address))
        {
            address = null;
            return false;
        }

        if (percent >= 0 && IPAddress.TryParse(text, out IPAddress? scoped) && scoped.AddressFamily == AddressFamily.InterNetworkV6)
        {
            address = scoped;
        }

        return true;
    }

    /// <summary>Reads an IP address with an optional port.</summary>
    /// <param name="text">The text: an address, <c>ADDRESS:PORT</c>, <c>[ADDRESS]:PORT</c>.</param>
    /// <param name="defaultPort">The port when there is none.</param>
    /// <param name="endpoint">Address and port.</param>
    public static bool TryParseEndpoint(string text, int defaultPort, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        if (TryParseAddress(text, out IPAddress? address))
        {
            endpoint = new IPEndPoint(address, defaultPort);
            return true;
        }

        if (!TrySplitHostPort(text, out string host, out string portText) || !TryParseAddress(host, out address))
        {
            return false;
        }

        int port = defaultPort;
        if (portText.Length > 0 && !TryParsePort(portText, out port))
        {
            return false;
        }

        endpoint = new IPEndPoint(address, port);
        return true;
    }

    /// <summary>Divides <c>HOST:PORT</c> at the colon: the host may be empty, a name, IPv4, or IPv6 in brackets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="host">The host without brackets; empty for all addresses.</param>
    /// <param name="port">What stands after the colon; may be empty and need not be a number.</param>
    /// <returns>False when there is no colon, or more than one outside brackets, or brackets do not match.</returns>
    public static bool TrySplitHostPort(string text, out string host, out string port)
    {
        host = port = string.Empty;
        int colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return false;
        }

        string before = text[..colon];
        if (before is ['[', .. string inside, ']'])
        {
            host = inside;
        }
        else if (before.Contains(':', StringComparison.Ordinal))
        {
            return false;
        }
        else
        {
            host = before;
        }

        port = text[(colon + 1)..];
        return !host.AsSpan().ContainsAny('[', ']') && !port.AsSpan().ContainsAny('[', ']');
    }

    /// <summary>Reads a port, 0 to 65535, in decimal digits.</summary>
    public static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535;

    /// <summary>Reads ADDRESS/LENGTH strictly: four decimal octets or an IPv6 address without a zone; bits after the length are dropped.</summary>
    public static bool TryParseNetwork(string text, out IPNetwork network)
    {
        network = default;
        if (!TryParseNetwork(text, out IPAddress? address, out int length))
        {
            return false;
        }

        byte[] octets = address.GetAddressBytes();
        for (int i = 0; i < octets.Length; i++)
        {
            int bits = Math.Clamp(length - (i * 8), 0, 8);
            octets[i] &= (byte)(0xFF00 >> bits);
        }

        network = new IPNetwork(new IPAddress(octets), length);
        return true;
    }

    /// <summary>Reads ADDRESS/LENGTH strictly: four decimal octets or an IPv6 address without a zone; bits after the length stay.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address.</param>
    /// <param name="length">How many of its bits count; no more than it has.</param>
    public static bool TryParseNetwork(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address, out int length)
    {
        int slash = text.IndexOf('/');
        address = null;
        length = 0;
        return slash >= 0
            && int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length)
            && !text[..slash].Contains('%')
            && TryParseAddress(text[..slash], out address)
            && length <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    private static bool IsDottedQuad(ReadOnlySpan<char> text)
    {
        int parts = 0;
        foreach (Range part in text.Split('.'))
        {
            ReadOnlySpan<char> digits = text[part];
            if (++parts > 4 || digits.Length is 0 or > 3 || digits.ContainsAnyExceptInRange('0', '9') || digits is ['0', _, ..])
            {
                return false;
            }
        }

        return parts == 4;
    }
}
