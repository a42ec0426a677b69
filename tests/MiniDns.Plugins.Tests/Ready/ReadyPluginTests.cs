using System.Net;
using MiniDns.Plugins.Ready;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Ready;

public sealed class ReadyPluginTests
{
    [Theory]
    [InlineData("ready", true)]
    [InlineData("ready localhost:1234", true)]
    [InlineData("ready {\n monitor until-ready\n}", true)]
    [InlineData("ready localhost:1234 {\n monitor continuously\n}", true)]
    [InlineData("ready localhost:1234 {\n monitor 404\n}", false)]
    [InlineData("ready {\n monitro continuously\n}", false)]
    [InlineData("ready localhost:1234 b", false)]
    [InlineData("ready bla", false)]
    [InlineData("ready bla bla", false)]
    [InlineData("ready\nready", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        SnippetSetup setup = SnippetSetup.Run(new ReadyPlugin(), lines);
        Assert.True(setup.Errors.Count == 0 == isAccepted, string.Join('\n', setup.Errors));
    }

    [Theory]
    [InlineData("ready", "[::]:8181")]
    [InlineData("ready localhost:8091", "127.0.0.1:8091")]
    public void The_page_is_served_where_it_was_asked_for(string lines, string address)
    {
        HttpSideEndpoint page = Assert.Single(SnippetSetup.Run(new ReadyPlugin(), lines).Pages);
        Assert.Equal((IPEndPoint.Parse(address), "/ready", "ready"), (page.Address, page.Path, page.Plugin));
    }

    [Fact]
    public async Task The_page_names_those_that_are_not_ready()
    {
        SnippetServices services = new();
        SnippetSetup setup = SnippetSetup.Run(new ReadyPlugin(), "ready", services);
        Probe[] probes = [new("zoo"), new("auto"), new("zoo")];
        Array.ForEach(probes, setup.Capabilities.Add);
        setup.Wire();
        Assert.Equal((503, "auto,zoo"), await GetAsync(setup));
        Assert.Equal(["Information plugin/ready: plugins not ready: \"auto,zoo\""], services.Log.Lines);

        (probes[0].IsReady, probes[1].IsReady) = (true, true);
        Assert.Equal((503, "zoo"), await GetAsync(setup));
        probes[2].IsReady = true;
        Assert.Equal((200, "OK"), await GetAsync(setup));
    }

    [Theory]
    [InlineData("ready", 200, 1)]
    [InlineData("ready {\n monitor until-ready\n}", 200, 1)]
    [InlineData("ready {\n monitor continuously\n}", 503, 2)]
    public async Task A_plugin_is_believed_or_asked_again(string lines, int status, int asked)
    {
        SnippetSetup setup = SnippetSetup.Run(new ReadyPlugin(), lines);
        Probe probe = new("forward") { IsReady = true };
        setup.Capabilities.Add(probe);
        setup.Wire();
        Assert.Equal(200, (await GetAsync(setup)).Status);
        probe.IsReady = false;
        Assert.Equal(status, (await GetAsync(setup)).Status);
        Assert.Equal(asked, probe.Asked);
    }

    [Fact]
    public async Task Nobody_to_wait_for_is_ready() => Assert.Equal((200, "OK"), await GetAsync(SnippetSetup.Run(new ReadyPlugin(), "ready").Wire()));

    [Fact]
    public async Task A_server_that_stops_is_not_ready()
    {
        SnippetSetup setup = SnippetSetup.Run(new ReadyPlugin(), "ready").Wire();
        await Assert.Single(setup.Capabilities.All<IShutdownListener>()).StoppingAsync(CancellationToken.None);
        Assert.Equal((503, "Shutting down"), await GetAsync(setup));
    }

    [Fact]
    public async Task Blocks_with_the_directive_and_no_others_are_asked()
    {
        await using PluginHarness server = PluginHarness.Corefile("""
            example.org:0 {
                ready :0
                whoami
            }
            example.net:0 {
                ready :0
                erratic
            }
            """);
        Assert.True(server.IsAccepted, server.Errors);
        Assert.All(server.Pages, p => Assert.Equal(503, p.GetAsync("", CancellationToken.None).AsTask().Result.Status));

        await using PluginHarness other = PluginHarness.Corefile("""
            example.org:0 {
                ready :0
                whoami
            }
            example.net:0 {
                erratic
            }
            """);
        Assert.Equal(200, (await Assert.Single(other.Pages).GetAsync("", CancellationToken.None)).Status);
    }

    private static async Task<(int Status, string Body)> GetAsync(SnippetSetup setup)
    {
        HttpSideReply reply = await Assert.Single(setup.Pages).GetAsync("", CancellationToken.None);
        return (reply.Status, reply.Body);
    }

    private sealed class Probe(string name) : IReadinessProbe
    {
        private bool _isReady;

        public string Name => name;

        public int Asked { get; private set; }

        public bool IsReady
        {
            get
            {
                Asked++;
                return _isReady;
            }

            set => _isReady = value;
        }
    }
}
