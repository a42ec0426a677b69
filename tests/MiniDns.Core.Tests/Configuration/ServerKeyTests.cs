using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Core.Tests.Configuration;

public sealed class ServerKeyTests
{
    [Theory]
    [InlineData("example.org", "dns://example.org.:53")]
    [InlineData("Example.ORG.", "dns://example.org.:53")]
    [InlineData("example.org:1053", "dns://example.org.:1053")]
    [InlineData(".", "dns://.:53")]
    [InlineData(".:53", "dns://.:53")]
    [InlineData(":1053", "dns://.:1053")]
    [InlineData(".:0", "dns://.:0")]
    [InlineData("dns://.:53", "dns://.:53")]
    [InlineData("dns://example.org", "dns://example.org.:53")]
    [InlineData("tls://example.org", "tls://example.org.:853")]
    [InlineData("tls://example.org:8853", "tls://example.org.:8853")]
    [InlineData("https://.", "https://.:443")]
    [InlineData("https3://example.org", "https3://example.org.:443")]
    [InlineData("grpc://example.org:1443", "grpc://example.org.:1443")]
    [InlineData("grpc://.", "grpc://.:443")]
    [InlineData("quic://.", "quic://.:853")]
    [InlineData("10.0.0.0/8:53", "dns://10.in-addr.arpa.:53")]
    [InlineData("10.0.0.0/24", "dns://0.0.10.in-addr.arpa.:53")]
    [InlineData("10.0.0.0/24:1053", "dns://0.0.10.in-addr.arpa.:1053")]
    [InlineData("tls://10.0.0.0/15", "tls://0.10.in-addr.arpa.:853 tls://1.10.in-addr.arpa.:853")]
    [InlineData("2001:db8::/32", "dns://8.b.d.0.1.0.0.2.ip6.arpa.:53")]
    [InlineData("2001:db8::/31:5353", "dns://8.b.d.0.1.0.0.2.ip6.arpa.:5353 dns://9.b.d.0.1.0.0.2.ip6.arpa.:5353")]
    [InlineData("0/25.2.0.192.in-addr.arpa", "dns://0/25.2.0.192.in-addr.arpa.:53")]
    public void Keys_that_are_right(string text, string expected)
    {
        ServerKey key = Parse(text, 53, out ConfigDiagnostics diagnostics)!;

        Assert.Empty(diagnostics.Items);
        Assert.Equal(expected, key.ToString());
        Assert.Equal(text, key.Token.Text);
    }

    [Theory]
    [InlineData("127.0.0.1", "dns://127.0.0.1.:53", "bind 127.0.0.1")]
    [InlineData("2001:db8::1", "dns://2001:db8:.:1", "'2001:db8::1/128' for its reverse zone")]
    [InlineData("example.org:dns", "dns://example.org:dns.:53", "no number")]
    public void Keys_that_CoreDNS_takes_but_are_doubtful(string text, string expected, string warning)
    {
        ServerKey key = Parse(text, 53, out ConfigDiagnostics diagnostics)!;

        Assert.Equal(expected, key.ToString());
        Assert.Equal(DiagnosticSeverity.Warning, diagnostics.Items.Single().Severity);
        Assert.Contains(warning, diagnostics.Items[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("dns://", "empty")]
    [InlineData("example.org:", "a port is expected")]
    [InlineData("example.org:65536", "not a port")]
    [InlineData("example.org:-1", "not a port")]
    [InlineData("http://example.org", "unknown scheme 'http://'")]
    [InlineData("htps://example.org", "did you mean 'https'?")]
    [InlineData("exa..mple", "a label must not be empty")]
    [InlineData("::1/128", "write the name of the reverse zone")]
    [InlineData("0:0::1/64", "write the name of the reverse zone")]
    [InlineData("abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd.org", "63 octets")]
    public void Keys_that_are_wrong(string text, string expected)
    {
        Assert.Null(Parse(text, 53, out ConfigDiagnostics diagnostics));

        Assert.Contains(expected, diagnostics.Items.Single().ToString(), StringComparison.Ordinal);
        Assert.StartsWith("f:3:5: error: ", diagnostics.Items[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_port_counts_for_dns_only()
    {
        Assert.Equal(1053, Parse(".", 1053, out _)!.Port);
        Assert.Equal(853, Parse("tls://.", 1053, out _)!.Port);
    }

    /// <summary>What a plugin reads among its arguments: scheme and port are dropped (RFC 1035 §3.5, RFC 3596 §2.5 for networks).</summary>
    [Theory]
    [InlineData(".:53", ".")]
    [InlineData("example.org:53", "example.org.")]
    [InlineData("example.org.:53", "example.org.")]
    [InlineData("dns://example.org", "example.org.")]
    [InlineData("10.0.0.0/8:53", "10.in-addr.arpa.")]
    [InlineData("10.0.0.0/15", "0.10.in-addr.arpa. 1.10.in-addr.arpa.")]
    [InlineData("10.0.0.0/16", "0.10.in-addr.arpa.")]
    [InlineData("192.168.1.1/23", "0.168.192.in-addr.arpa. 1.168.192.in-addr.arpa.")]
    [InlineData("10.129.60.0/22", "60.129.10.in-addr.arpa. 61.129.10.in-addr.arpa. 62.129.10.in-addr.arpa. 63.129.10.in-addr.arpa.")]
    [InlineData("192.0.2.1/32", "1.2.0.192.in-addr.arpa.")]
    [InlineData("192.0.2.2/31", "2.2.0.192.in-addr.arpa. 3.2.0.192.in-addr.arpa.")]
    [InlineData("0.0.0.0/0", "in-addr.arpa.")]
    [InlineData("2001:db8::/29", "8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa. a.b.d.0.1.0.0.2.ip6.arpa. b.b.d.0.1.0.0.2.ip6.arpa. c.b.d.0.1.0.0.2.ip6.arpa. d.b.d.0.1.0.0.2.ip6.arpa. e.b.d.0.1.0.0.2.ip6.arpa. f.b.d.0.1.0.0.2.ip6.arpa.")]
    [InlineData("2001:db8::/30", "8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa. a.b.d.0.1.0.0.2.ip6.arpa. b.b.d.0.1.0.0.2.ip6.arpa.")]
    [InlineData("2001:db8::/31", "8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa.")]
    [InlineData("2001:db8::/112", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.")]
    [InlineData("2001:db8::/115", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.")]
    [InlineData("2001:db8::/108", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.")]
    [InlineData("2001:db8:0:fc::/62", "c.f.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. d.f.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. e.f.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. f.f.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.")]
    [InlineData("10.0.0.0/33", "10.0.0.0/33.")]
    [InlineData("10.0/16", "10.0/16.")]
    [InlineData("010.0.0.0/8", "010.0.0.0/8.")]
    public void Zones_of_a_word(string text, string expected)
    {
        Assert.True(ZoneText.TryParse(text, out IReadOnlyList<DnsName>? zones, out _));

        Assert.Equal(expected, string.Join(' ', zones));
    }

    [Fact]
    public void A_network_off_the_octets_gives_all_its_zones()
    {
        Assert.True(ZoneText.TryParse("10.9.3.0/17", out IReadOnlyList<DnsName>? zones, out _));

        Assert.Equal(Enumerable.Range(0, 128).Select(i => $"{i}.9.10.in-addr.arpa."), zones.Select(z => z.ToString()));
    }

    [Theory]
    [InlineData("::fFFF:B:F/115")]
    [InlineData("")]
    [InlineData("unix://")]
    public void Words_that_are_no_zone(string text) => Assert.False(ZoneText.TryParse(text, out _, out _));

    private static ServerKey? Parse(string text, int port, out ConfigDiagnostics diagnostics)
    {
        diagnostics = new ConfigDiagnostics();
        return ServerKey.TryParse(new CorefileToken(text, new SourceSpan("f", 3, 5, text.Length)), port, diagnostics, out ServerKey? key) ? key : null;
    }
}
