using System.Globalization;
using System.Net;
using MiniDns.Client;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Forward;

/// <summary>Reads the TOs of a directive: addresses, files like <c>/etc/resolv.conf</c>, hosts.</summary>
internal static class ForwardTargets
{
    /// <summary>The ports of the protocols: RFC 1035, RFC 7858 §3.1, RFC 8484.</summary>
    private static readonly Dictionary<string, (UpstreamScheme Scheme, int Port)> Served = new(StringComparer.Ordinal)
    {
        ["dns"] = (UpstreamScheme.Dns, 53),
        ["tls"] = (UpstreamScheme.Tls, 853),
        ["https"] = (UpstreamScheme.Https, 443),
    };

    /// <summary>The schemes that <c>forward</c> of CoreDNS knows, and those it refuses.</summary>
    private static readonly string[] Schemes = ["dns", "tls", "https", "https3", "quic", "grpc", "unix"];

    /// <summary>Reads one TO.</summary>
    /// <param name="text">The word.</param>
    /// <param name="targets">Takes what it stands for.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? Read(string text, List<ForwardTarget> targets)
    {
        string scheme = "dns";
        string rest = text;
        int colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon >= 0)
        {
            scheme = text[..colon];
            rest = text[(colon + 3)..];
            if (!Schemes.Contains(scheme, StringComparer.Ordinal))
            {
                return $"'{text}' is not an upstream: '{scheme}' is not a protocol to forward over; write dns://ADDRESS or only the address";
            }

            if (!Served.ContainsKey(scheme))
            {
                return $"'{text}': '{scheme}' is not supported as a protocol to forward over; write tls://, https://, or only the address for plain DNS";
            }

            if (scheme == "https" && rest.Contains('/', StringComparison.Ordinal))
            {
                return $"'{text}': paths are not allowed in HTTPS upstream addresses; /dns-query is always used";
            }
        }

        if (rest.Length == 0)
        {
            return $"'{text}' is not an upstream: an address is missing";
        }

        (UpstreamScheme kind, int port) = Served[scheme];
        string? serverName = null;
        if (kind != UpstreamScheme.Dns && !TryTakeServerName(ref rest, out serverName))
        {
            return $"'{text}': '{serverName}' is not the name of a server; write {scheme}://ADDRESS%NAME, such as {scheme}://9.9.9.9%dns.quad9.net";
        }

        if (TryReadAddress(rest, port, out ForwardTarget? target, out string? error))
        {
            targets.Add(target! with { Scheme = kind, ServerName = serverName });
            return null;
        }

        if (error is not null)
        {
            return error;
        }

        if (kind == UpstreamScheme.Dns && File.Exists(rest))
        {
            targets.Add(new ForwardTarget(null, null, port) { File = rest });
            return null;
        }

        return ReadHost(rest, kind, port, serverName, targets);
    }

    /// <summary>Takes <c>%NAME</c> out of <c>ADDRESS%NAME</c>, <c>ADDRESS%NAME:PORT</c> or <c>[ADDRESS%NAME]:PORT</c>.</summary>
    /// <returns>False when it is not a name.</returns>
    private static bool TryTakeServerName(ref string text, out string? name)
    {
        name = null;
        int percent = text.LastIndexOf('%');
        if (percent < 0)
        {
            return true;
        }

        int end = text.AsSpan(percent).IndexOfAny(']', ':');
        end = end < 0 ? text.Length : percent + end;
        name = text[(percent + 1)..end];
        text = text[..percent] + text[end..];
        return DnsName.TryParse(name, out DnsName? parsed) && !parsed.IsRoot;
    }

    private static string? ReadHost(string text, UpstreamScheme scheme, int port, string? serverName, List<ForwardTarget> targets)
    {
        if (text.Contains('/', StringComparison.Ordinal))
        {
            return $"'{text}' is not an upstream: there is no file of that name; write an IP address, a file like /etc/resolv.conf, or a host name";
        }

        string host = text;
        if (AddressText.TrySplitHostPort(text, out string before, out string portText))
        {
            host = before;
            if (!AddressText.TryParsePort(portText, out port) || port == 0)
            {
                return $"'{text}' is not an upstream: '{portText}' is not a port; ports are 1 to 65535";
            }
        }

        if (!DnsName.TryParse(host, out DnsName? name) || name.IsRoot)
        {
            return $"'{text}' is not an IP address, a file or a host name";
        }

        host = host.TrimEnd('.');
        targets.Add(new ForwardTarget(null, host, port, scheme, serverName ?? (scheme == UpstreamScheme.Dns ? null : host)));
        return null;
    }

    /// <summary>Reads an address with an optional port; brackets may stand around an address without a port.</summary>
    /// <returns>False without an error when it is something else.</returns>
    public static bool TryReadAddress(string text, int port, out ForwardTarget? target, out string? error)
    {
        target = null;
        error = null;
        string host = text;
        string? portText = null;
        if (!AddressText.TryParseAddress(text.Trim('[', ']'), out IPAddress? address))
        {
            if (!AddressText.TrySplitHostPort(text, out host, out portText) || !AddressText.TryParseAddress(host, out address))
            {
                // A zone after an IPv4 address means nothing for plain DNS.
                int percent = text.IndexOf('%', StringComparison.Ordinal);
                return percent >= 0 && text.IndexOf('%', percent + 1) < 0 && TryReadAddress(WithoutZone(text, percent), port, out target, out error);
            }

            if (!AddressText.TryParsePort(portText, out port) || port == 0)
            {
                error = string.Create(CultureInfo.InvariantCulture, $"'{text}' is not an upstream: '{portText}' is not a port; ports are 1 to 65535");
                return false;
            }
        }

        target = new ForwardTarget(address, null, port);
        return true;
    }

    private static string WithoutZone(string text, int percent)
    {
        int colon = text.LastIndexOf(':');
        return text[..percent] + (colon > percent ? text[colon..] : string.Empty);
    }
}
