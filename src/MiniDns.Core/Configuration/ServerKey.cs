using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using MiniDns.Protocol.Names;

namespace MiniDns.Configuration;

/// <summary>A key of a server block, understood: <c>tls://example.org:8853</c>, <c>.:53</c>, <c>10.0.0.0/15</c>.</summary>
/// <param name="Scheme">How the block is reached.</param>
/// <param name="Zones">The zones in lower case; more than one only for a network that is not on a label's boundary.</param>
/// <param name="Port">The port, 0 to 65535; 0 lets the system choose.</param>
/// <param name="Token">The key as written.</param>
public sealed record ServerKey(ServerScheme Scheme, IReadOnlyList<DnsName> Zones, int Port, CorefileToken Token)
{
    /// <summary>The schemes by the word that stands for them.</summary>
    private static readonly Dictionary<string, ServerScheme> Schemes = new(StringComparer.Ordinal)
    {
        ["dns"] = ServerScheme.Dns,
        ["tls"] = ServerScheme.Tls,
        ["https"] = ServerScheme.Https,
        ["https3"] = ServerScheme.Https3,
        ["grpc"] = ServerScheme.Grpc,
        ["quic"] = ServerScheme.Quic,
    };

    /// <summary>The port a scheme uses when its key names none.</summary>
    public static int DefaultPort(ServerScheme scheme) => scheme switch
    {
        ServerScheme.Dns => 53,
        ServerScheme.Tls or ServerScheme.Quic => 853,
        _ => 443,
    };

    /// <summary>The word of a scheme, as it is written before <c>://</c>.</summary>
    public static string SchemeText(ServerScheme scheme) => Schemes.First(s => s.Value == scheme).Key;

    /// <summary>Reads a key.</summary>
    /// <param name="token">The key.</param>
    /// <param name="defaultDnsPort">The port of keys with scheme <c>dns</c> that name none: what <c>-dns.port</c> says, 53 by default.</param>
    /// <param name="diagnostics">Takes what is wrong or doubtful.</param>
    /// <param name="key">The key, when it is one.</param>
    public static bool TryParse(CorefileToken token, int defaultDnsPort, ConfigDiagnostics diagnostics, [NotNullWhen(true)] out ServerKey? key)
    {
        key = null;
        string text = token.Text;
        ServerScheme scheme = ServerScheme.Dns;
        int colons = text.IndexOf("://", StringComparison.Ordinal);
        if (colons >= 0)
        {
            string word = text[..colons];
            if (!Schemes.TryGetValue(word, out scheme))
            {
                diagnostics.Error(token.Span, $"unknown scheme '{word}://' in the key '{text}'{NearNames.Hint(word, Schemes.Keys)}");
                return false;
            }

            text = text[(colons + 3)..];
        }

        if (!ZoneText.TryParse(text, out IReadOnlyList<DnsName>? zones, out int? port, out string? error))
        {
            diagnostics.Error(token.Span, $"the key '{token.Text}' is wrong: {error}");
            return false;
        }

        WarnIfDoubtful(token, text, port, diagnostics);
        key = new ServerKey(scheme, zones, port ?? (scheme == ServerScheme.Dns ? defaultDnsPort : DefaultPort(scheme)), token);
        return true;
    }

    /// <summary>One zone as CoreDNS prints it: <c>dns://example.org.:53</c>.</summary>
    public string Format(DnsName zone) => string.Create(CultureInfo.InvariantCulture, $"{SchemeText(Scheme)}://{zone}:{Port}");

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Zones.Select(Format));

    private static void WarnIfDoubtful(CorefileToken token, string text, int? port, ConfigDiagnostics diagnostics)
    {
        string host = port is null ? text : text[..text.LastIndexOf(':')];
        if (host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(text, out _))
        {
            diagnostics.Warning(token.Span, $"the key '{token.Text}' looks like an IPv6 address, but is read as the zone '{host}' and port {port}; use 'bind' to listen on an address, and '{text}/128' for its reverse zone");
        }
        else if (host.Contains('.', StringComparison.Ordinal) && IPAddress.TryParse(host, out _))
        {
            diagnostics.Warning(token.Span, $"the key '{token.Text}' is read as the name of a zone; use 'bind {host}' to listen on an address, and '{host}/32' for its reverse zone");
        }
        else if (port is null && host.Contains(':', StringComparison.Ordinal) && !host.Contains('/', StringComparison.Ordinal))
        {
            diagnostics.Warning(token.Span, $"the key '{token.Text}' has no number after its last ':', so all of it is read as the name of a zone; write a port as in 'example.org:53'");
        }
    }
}
