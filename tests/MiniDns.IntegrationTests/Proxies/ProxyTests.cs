using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Proxies;

/// <summary>The client's address through proxies of other makes: acl, view, log and ratelimit go by it.</summary>
public sealed class ProxyTests
{
    private const string Corefile = """
        view.example {
            bind 127.0.0.1
            proxyproto {
                allow 127.0.0.2 127.0.0.3 127.0.0.4
                default reject
            }
            view inside {
                expr incidr(client_ip(), '127.9.0.0/16')
            }
            log . "inside {remote} {proto} {name}"
            hosts {
                192.0.2.9 view.example
            }
        }
        . {
            bind 127.0.0.1
            prometheus 127.0.0.1:9153
            log . "outside {remote} {proto} {name}"
            acl {
                block net 127.8.0.0/16
            }
            ratelimit {
                queries 1000 5
                exempt 127.0.0.0/16 127.9.0.0/16
            }
            hosts {
                192.0.2.1 www.example view.example a.root-servers.net
            }
        }
        """;

    [Theory]
    [InlineData("127.0.0.2", "+notcp", "udp")]
    [InlineData("127.0.0.2", "+tcp", "tcp")]
    [InlineData("127.0.0.3", "+tcp", "tcp")]
    [InlineData("127.0.0.4", "+tcp", "tcp")]
    public async Task What_goes_by_the_client_goes_by_who_asks_the_proxy(string proxy, string transport, string name)
    {
        await using var host = new ProxyHost();
        ServerProcess server = await host.ServeAsync(Corefile);
        await (proxy == "127.0.0.2" ? host.StartDnsdistAsync() : host.StartHaproxyAsync());

        // Proxies ask for the server's health before they pass anything on.
        await Eventually.TrueAsync(async () => (await host.AskAsync("127.9.0.1", proxy, transport, "+short", "view.example")) == "192.0.2.9\n", () => host.Transcript);
        Assert.Equal("192.0.2.1\n", await host.AskAsync("127.7.0.1", proxy, transport, "+short", "view.example"));
        Assert.Contains("status: REFUSED", await host.AskAsync("127.8.0.1", proxy, transport, "www.example"), StringComparison.Ordinal);
        foreach (string line in (string[])[$"inside 127.9.0.1 {name} view.example.", $"outside 127.7.0.1 {name} view.example.", $"outside 127.8.0.1 {name} www.example."])
        {
            await server.LineAsync(l => l.Contains(line, StringComparison.Ordinal));
        }

        Assert.True(await host.MetricAsync($$"""minidns_proxyproto_headers_total{proto="{{name}}",result="used"}""") >= 3, host.Transcript);
        Assert.Equal(0, await host.MetricAsync($$"""minidns_proxyproto_headers_total{proto="{{name}}",result="malformed"}"""));

        // Nobody was ever answered at the proxy's own address, but its health checks.
        Assert.DoesNotContain(server.Output.All, l => Regex.IsMatch(l, $@"{Regex.Escape(proxy)} {name} (view|www)\.example"));
    }

    [Fact]
    public async Task A_client_that_asks_too_much_is_turned_down_and_not_its_proxy()
    {
        await using var host = new ProxyHost();
        await host.ServeAsync(Corefile.Replace("queries 1000 5", "queries 1 5", StringComparison.Ordinal));
        await host.StartDnsdistAsync();
        await Eventually.TrueAsync(async () => (await host.AskAsync("127.9.0.1", "127.0.0.2", "+short", "www.example")).Length > 0, () => host.Transcript);
        string many = host.Directory.Write("many", string.Concat(Enumerable.Repeat("www.example A\n", 30)));
        string greedy = await host.AskAsync("127.7.0.1", "127.0.0.2", "+tries=1", "+time=1", "+short", "-f", many);
        Assert.InRange(greedy.Split('\n').Count(l => l == "192.0.2.1"), 5, 29);
        Assert.Equal("192.0.2.1\n", await host.AskAsync("127.7.1.1", "127.0.0.2", "+short", "www.example"));
    }

    [Theory]
    [InlineData("+notcp")]
    [InlineData("+tcp")]
    public async Task Headers_of_strangers_are_turned_down(string transport)
    {
        await using var host = new ProxyHost();
        await host.ServeAsync(Corefile);
        string[] question = ["@127.0.0.1", "+retry=0", "+time=1", transport, "+short", "view.example"];
        ToolResult friend = await host.Network.RunAsync("kdig", ["-b", "127.0.0.2", "+proxy=127.9.0.1#4000-127.0.0.1#53", .. question]);
        Assert.Equal("192.0.2.9\n", friend.Output);
        ToolResult stranger = await host.Network.RunAsync("kdig", ["-b", "127.0.0.5", "+proxy=127.9.0.1#4000-127.0.0.1#53", .. question]);
        Assert.DoesNotContain("192.0.2.9", stranger.Output, StringComparison.Ordinal);
        Assert.Equal(1, await host.MetricAsync($$"""minidns_proxyproto_headers_total{proto="{{(transport == "+tcp" ? "tcp" : "udp")}}",result="rejected"}"""));
        Assert.Equal("192.0.2.1\n", (await host.Network.RunAsync("kdig", ["-b", "127.0.0.5", .. question])).Output);
    }
}
