using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Upstreams;

/// <summary>Other makes as upstreams: over TLS and HTTPS with certificates, and with cookies.</summary>
public sealed class UpstreamTests
{
    private const int Names = 200;

    [Theory]
    [InlineData("unbound", "tls://127.0.0.3%dns.example", "")]
    [InlineData("unbound", "https://127.0.0.3%dns.example", "")]
    [InlineData("unbound", "https://127.0.0.3", "tls_servername dns.example\ndoh_method GET")]
    [InlineData("dnsdist", "tls://127.0.0.4", "tls_servername dns.example")]
    [InlineData("dnsdist", "https://127.0.0.4%dns.example", "")]
    [InlineData("dnsdist", "https://127.0.0.4%dns.example", "doh_method GET")]
    public async Task Queries_are_answered_in_secret(string make, string upstream, string properties)
    {
        await using var host = new UpstreamHost();
        await host.StartAsync();
        await (make == "unbound" ? host.StartUnboundAsync() : host.StartDnsdistAsync());
        await host.ServeAsync(upstream, properties);

        // dig asks the names of a file one after the other; several at a time make several queries wait together. Each has an address of its own:
        // digs share ports (SO_REUSEPORT), and one would now and then get what another waits for.
        string[] files = [.. Enumerable.Range(0, 4).Select(f => host.Directory.Write($"names{f}", string.Concat(Enumerable.Range(0, Names / 4).Select(i => $"N{i}.f{f}.Example.org A\n"))))];
        string[] answers = await Task.WhenAll(files.Select((file, f) => host.AskAsync("-b", $"127.0.1.{f + 1}", "+noall", "+answer", "-f", file)));
        for (int f = 0; f < files.Length; f++)
        {
            string[] lines = answers[f].Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length == Names / 4, answers[f] + host.Transcript);
            for (int i = 0; i < lines.Length; i++)
            {
                string[] words = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                Assert.Equal([$"N{i}.f{f}.Example.org.", "IN", "A", "192.0.2.80"], [words[0], .. words[2..]]);
            }
        }

        // Nothing goes in plain text, not even to a server that would take it.
        Assert.DoesNotContain(":53 ", (await host.Network.RunAsync("ss", "-Hun", "state", "connected", "dst 127.0.0.0/8")).Output, StringComparison.Ordinal);
        if (make == "dnsdist")
        {
            Assert.Equal(30, (await host.AskAsync("+short", "big.example.org", "TXT")).Count(c => c == '"') / 2);
        }
    }

    [Theory]
    [InlineData("tls://127.0.0.3%other.example")]
    [InlineData("https://127.0.0.3%other.example")]
    public async Task A_server_that_is_not_who_it_should_be_is_not_asked_and_the_log_says_why(string upstream)
    {
        await using var host = new UpstreamHost();
        await host.StartAsync();
        await host.StartUnboundAsync();
        ServerProcess server = await host.ServeAsync(upstream);
        Assert.Contains("SERVFAIL", await host.AskAsync("www.example.org"), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            () => Task.FromResult(server.Transcript.Contains("its certificate is for 'dns.example', not for 'other.example'", StringComparison.Ordinal)),
            () => host.Transcript);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Rfc8446_a_new_connection_resumes_the_session(string version)
    {
        await using var host = new UpstreamHost();
        await host.StartAsync();
        RunningProgram upstream = await host.StartTlsServerAsync(version);
        await host.ServeAsync("tls://127.0.0.3%dns.example", "expire 1s");
        for (int i = 1; i <= 3; i++)
        {
            Assert.Contains("192.0.2.80", await host.AskAsync($"n{i}.example.org"), StringComparison.Ordinal);
            await Eventually.TrueAsync(() => upstream.Output.All.Count(l => l == "closed") == i, () => host.Transcript);
        }

        Assert.Equal([$"{version} new", $"{version} resumed", $"{version} resumed"], upstream.Output.All.Where(l => l != "closed"));
    }

    [Fact]
    public async Task Rfc7873_a_server_that_insists_on_cookies_gets_them_over_UDP()
    {
        await using var host = new UpstreamHost();
        await host.StartAsync();
        await host.StartBindAsync();
        await host.ServeAsync("127.0.0.5");
        for (int i = 0; i < 20; i++)
        {
            string answer = await host.AskAsync($"N{i}.Example.org");
            Assert.Contains("192.0.2.80", answer, StringComparison.Ordinal);
            Assert.Contains($"N{i}.Example.org.", answer, StringComparison.Ordinal);
        }

        // What does not fit into a datagram comes over TCP.
        Assert.Contains("xxxx", await host.AskAsync("big.example.org", "TXT"), StringComparison.Ordinal);
        Assert.DoesNotContain("cookies", host.Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("case of names", host.Transcript, StringComparison.Ordinal);
    }
}
