using System.Net;
using MiniDns.Client;
using MiniDns.Configuration;
using MiniDns.Plugins.Forward;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>What directives are taken, what is said about those that are not, and what they mean.</summary>
public sealed class ForwardPluginTests
{
    [Theory]
    [InlineData("forward . 127.0.0.1")]
    [InlineData("forward . 127.0.0.1:53")]
    [InlineData("forward . 127.0.0.1:8080")]
    [InlineData("forward . [::1]:53")]
    [InlineData("forward . [::1]")]
    [InlineData("forward . ::1")]
    [InlineData("forward . dns://127.0.0.1")]
    [InlineData("forward . dns://[2001:db8::1]:5353")]
    [InlineData("forward 10.9.3.0/18 127.0.0.1")]
    [InlineData("forward . ::1\nforward com ::2")]
    [InlineData("forward . 127.0.0.1 {\n}")]
    [InlineData("forward . 127.0.0.1 {\n except example.org 10.0.0.0/8\n except example.net\n }")]
    [InlineData("forward . 127.0.0.1 {\n force_tcp\n prefer_udp\n }")]
    [InlineData("forward . 127.0.0.1 {\n policy random\n }")]
    [InlineData("forward . 127.0.0.1 {\n policy round_robin\n }")]
    [InlineData("forward . 127.0.0.1 {\n policy sequential\n }")]
    [InlineData("forward . 127.0.0.1 {\n max_fails 3\n }")]
    [InlineData("forward . 127.0.0.1 {\n max_connect_attempts 0\n }")]
    [InlineData("forward . 127.0.0.1 {\n max_idle_conns 10\n }")]
    [InlineData("forward . 127.0.0.1 {\n max_concurrent 1000\n }")]
    [InlineData("forward . 127.0.0.1 {\n health_check 0.5s no_rec domain example.org\n }")]
    [InlineData("forward . 127.0.0.1 {\n health_check 0s domain .\n }")]
    [InlineData("forward . 127.0.0.1 {\n read_timeout 500ms\n }")]
    [InlineData("forward . 127.0.0.1 {\n expire 10s\n max_age 10s\n }")]
    [InlineData("forward . 127.0.0.1 {\n max_age 0s\n }")]
    [InlineData("forward . 127.0.0.1 {\n next NXDOMAIN SERVFAIL refused\n next_on_nodata\n }")]
    [InlineData("forward . 127.0.0.1 {\n failover SERVFAIL REFUSED\n }")]
    [InlineData("forward . 127.0.0.1 {\n failfast_all_unhealthy_upstreams\n }")]
    [InlineData("forward . 127.0.0.1 {\n source_address 192.0.2.1\n }")]
    [InlineData("forward . 127.0.0.1 {\n source_address ::ffff:192.0.2.1\n }")]
    [InlineData("forward . 127.0.0.1 {\n tls\n tls_servername dns\n doh_method GET\n }")]
    [InlineData("forward . tls://127.0.0.1")]
    [InlineData("forward . tls://127.0.0.1 {\n tls_servername dns\n }")]
    [InlineData("forward . tls://127.0.0.1%example.net:854 tls://127.0.0.2%example.net tls://fe80::1%example.com {\n tls\n }")]
    [InlineData("forward . tls://[2400:3200::1%dns.alidns.com]:853 {\n tls\n }")]
    [InlineData("forward . tls://[2400:3200::1]:853 {\n tls\n tls_servername dns.alidns.com\n }")]
    [InlineData("forward . https://127.0.0.1 192.0.2.1 {\n doh_method GET\n }")]
    [InlineData("forward . dns.example.org {\n resolver 10.0.0.1 10.0.0.2:5353 ::1\n }")]
    [InlineData("forward . dns.example.org:5353")]
    [InlineData("forward . fe80::1%lo")]
    [InlineData("forward . 127.0.0.1%lo:53")]
    public async Task Right_directives_are_taken(string stanza)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.True(harness.IsAccepted, harness.Errors);
    }

    [Theory]
    [InlineData("forward", "a zone such as")]
    [InlineData("forward .", "upstreams are expected")]
    [InlineData("forward xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 127.0.0.1", "label must not be longer")]
    [InlineData("forward . 127.0.0.1:0", "is not a port")]
    [InlineData("forward . 127.0.0.1:", "is not a port")]
    [InlineData("forward . 127.0.0.1:x", "is not a port")]
    [InlineData("forward . /no/such/file", "no file of that name")]
    [InlineData("forward . a..b", "is not an IP address, a file or a host name")]
    [InlineData("forward . foo://127.0.0.1", "'foo' is not a protocol")]
    [InlineData("forward . grpc://127.0.0.1", "not supported")]
    [InlineData("forward . dns://", "an address is missing")]
    [InlineData("forward . tls://127.0.0.1%a..b", "'a..b' is not the name of a server")]
    [InlineData("forward . tls://127.0.0.1%", "'' is not the name of a server")]
    [InlineData("forward . tls:///etc/resolv.conf", "is not an upstream")]
    [InlineData("forward . tls://127.0.0.1%example.net:854 {\n tls_servername foo\n }", "names its server 'example.net', and tls_servername 'foo'")]
    [InlineData("forward . 127.0.0.1 {\n tls /no/such/file\n }", "'/no/such/file' cannot be read")]
    [InlineData("forward . 127.0.0.1 {\n tls_servername\n }", "is expected")]
    [InlineData("forward . 127.0.0.1 {\n tls_servername a..b\n }", "is not the name of a server")]
    [InlineData("forward . https://1.1.1.1/", "paths are not allowed in HTTPS upstream addresses")]
    [InlineData("forward . 1.0.0.1 1.0.0.2 1.0.0.3 1.0.0.4 1.0.0.5 1.0.0.6 1.0.0.7 1.0.0.8 1.0.0.9 1.0.0.10 1.0.0.11 1.0.0.12 1.0.0.13 1.0.0.14 1.0.0.15 1.0.0.16", "more than 15")]
    [InlineData("forward . 127.0.0.1 {\n blaatl\n }", "unknown property")]
    [InlineData("forward . 127.0.0.1 {\n except\n }", "except")]
    [InlineData("forward . 127.0.0.1 {\n force_tcp yes\n }", "takes no arguments")]
    [InlineData("forward . 127.0.0.1 {\n policy random2\n }", "random2")]
    [InlineData("forward . 127.0.0.1 {\n max_fails -1\n }", "max_fails")]
    [InlineData("forward . 127.0.0.1 {\n max_connect_attempts many\n }", "max_connect_attempts")]
    [InlineData("forward . 127.0.0.1 {\n max_idle_conns -1\n }", "not negative")]
    [InlineData("forward . 127.0.0.1 {\n max_concurrent many\n }", "many")]
    [InlineData("forward . 127.0.0.1 {\n health_check\n }", "a duration")]
    [InlineData("forward . 127.0.0.1 {\n health_check no_rec\n }", "no_rec")]
    [InlineData("forward . 127.0.0.1 {\n health_check 0.5s rec\n }", "unknown option 'rec'")]
    [InlineData("forward . 127.0.0.1 {\n health_check 0.5s domain\n }", "a domain name is expected after 'domain'")]
    [InlineData("forward . 127.0.0.1 {\n health_check 0.5s domain example..org\n }", "is not a domain name")]
    [InlineData("forward . 127.0.0.1 {\n health_check -1s\n }", "not negative")]
    [InlineData("forward . 127.0.0.1 {\n read_timeout 0s\n }", "read_timeout")]
    [InlineData("forward . 127.0.0.1 {\n read_timeout\n }", "read_timeout")]
    [InlineData("forward . 127.0.0.1 {\n expire -1s\n }", "not negative")]
    [InlineData("forward . 127.0.0.1 {\n max_age -1s\n }", "not negative")]
    [InlineData("forward . 127.0.0.1 {\n expire 30s\n max_age 10s\n }", "max_age (10s) must not be less than expire (30s)")]
    [InlineData("forward . 127.0.0.1 {\n next\n }", "next RCODE")]
    [InlineData("forward . 127.0.0.1 {\n next NO_SUCH_CODE\n }", "not a valid rcode")]
    [InlineData("forward . 127.0.0.1 {\n failover NOERROR\n }", "NOERROR cannot be used")]
    [InlineData("forward . 127.0.0.1 {\n failover\n }", "failover RCODE")]
    [InlineData("forward . 127.0.0.1 {\n failfast_all_unhealthy_upstreams false\n }", "takes no arguments")]
    [InlineData("forward . 127.0.0.1 {\n source_address not-an-ip\n }", "invalid IP address")]
    [InlineData("forward . 127.0.0.1 {\n source_address\n }", "an IP address is expected")]
    [InlineData("forward . 127.0.0.1 {\n doh_method PUT\n }", "GET")]
    [InlineData("forward . 127.0.0.1 {\n resolver dns.example.org\n }", "an IP address such as")]
    [InlineData("forward . 127.0.0.1 {\n tls a b c d\n }", "tls")]
    public async Task Wrong_directives_are_refused_with_a_reason(string stanza, string message)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.False(harness.IsAccepted);
        Assert.Contains(message, harness.Errors, StringComparison.Ordinal);
        Assert.Contains("Corefile:", harness.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_stands_for_its_name_servers_and_repeats_count_once()
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "# comment\nsearch example.org\nnameserver 192.0.2.1\n\tnameserver   2001:db8::1 # second\nnameserver 192.0.2.1\noptions ndots:1\n");
            List<ForwardTarget> targets = [];
            Assert.Null(ForwardTargets.Read(path, targets));
            Assert.Equal(path, Assert.Single(targets).File);
            ResolvConf file = ResolvConf.Read(path);
            Assert.Equal(["192.0.2.1", "2001:db8::1", "192.0.2.1"], file.Servers.Select(s => s.Address!.ToString()));
            Assert.All(file.Servers, s => Assert.Equal(53, s.Port));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_file_without_name_servers_is_refused()
    {
        string path = Path.GetTempFileName();
        try
        {
            await using PluginHarness harness = PluginHarness.Stanza($"forward . {path}");
            Assert.Contains("no upstream is left", harness.Errors, StringComparison.Ordinal);
            await using PluginHarness with = PluginHarness.Stanza($"forward . {path} 127.0.0.1");
            Assert.True(with.IsAccepted, with.Errors);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("dns.example.com", "dns.example.com", 53)]
    [InlineData("dns.example.com:5353", "dns.example.com", 5353)]
    [InlineData("dns://dns.example.com.", "dns.example.com", 53)]
    public void Host_names_are_read_with_their_port(string text, string host, int port)
    {
        List<ForwardTarget> targets = [];
        Assert.Null(ForwardTargets.Read(text, targets));
        Assert.Equal(new ForwardTarget(null, host, port), Assert.Single(targets));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", 53)]
    [InlineData("127.0.0.1:54", "127.0.0.1", 54)]
    [InlineData("127.0.0.1%zone:54", "127.0.0.1", 54)]
    [InlineData("::1", "::1", 53)]
    [InlineData("[::1]", "::1", 53)]
    [InlineData("[::1]:54", "::1", 54)]
    public void Addresses_are_read_with_their_port(string text, string address, int port)
    {
        List<ForwardTarget> targets = [];
        Assert.Null(ForwardTargets.Read(text, targets));
        Assert.Equal(new ForwardTarget(IPAddress.Parse(address), null, port), Assert.Single(targets));
    }

    [Theory]
    [InlineData("tls://192.0.2.1", "192.0.2.1", 853, null)]
    [InlineData("tls://192.0.2.1:8853", "192.0.2.1", 8853, null)]
    [InlineData("tls://192.0.2.1%dns.example", "192.0.2.1", 853, "dns.example")]
    [InlineData("tls://192.0.2.1%dns.example:8853", "192.0.2.1", 8853, "dns.example")]
    [InlineData("tls://2001:db8::1%dns.example", "2001:db8::1", 853, "dns.example")]
    [InlineData("tls://[2001:db8::1%dns.example]:8853", "2001:db8::1", 8853, "dns.example")]
    [InlineData("tls://[2001:db8::1]", "2001:db8::1", 853, null)]
    [InlineData("tls://dns.example", null, 853, "dns.example")]
    [InlineData("tls://dns.example:8853", null, 8853, "dns.example")]
    [InlineData("https://192.0.2.1", "192.0.2.1", 443, null)]
    [InlineData("https://192.0.2.1%dns.example", "192.0.2.1", 443, "dns.example")]
    [InlineData("https://dns.example", null, 443, "dns.example")]
    public void Upstreams_to_talk_to_in_secret_are_read_with_the_name_of_their_certificate(string text, string? address, int port, string? serverName)
    {
        List<ForwardTarget> targets = [];
        Assert.Null(ForwardTargets.Read(text, targets));
        ForwardTarget target = Assert.Single(targets);
        Assert.Equal(address, target.Address?.ToString());
        Assert.Equal(port, target.Port);
        Assert.Equal(serverName, target.ServerName);
        Assert.Equal(text.StartsWith("tls", StringComparison.Ordinal) ? UpstreamScheme.Tls : UpstreamScheme.Https, target.Scheme);
    }

    [Fact]
    public async Task All_errors_are_told_at_once()
    {
        await using PluginHarness harness = PluginHarness.Stanza("forward . foo://127.0.0.1 {\n policy best\n max_fails few\n}");
        Assert.Equal(3, harness.Diagnostics.Items.Count);
    }
}
