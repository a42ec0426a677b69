using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>A client, MiniDns, and a host with a Knot that is reached over links that lose and spoil messages, or are only slow.</summary>
/// <remarks>
/// client 10.89.1.9 - (10.89.1.2 over the bad links 10.89.2.21 to 23, 10.89.1.3 over the first of them only, 10.89.1.4 over the slow link 10.89.2.31) server 10.89.2.1 -
/// 10.89.2.0/24, the Knot being 10.89.2.53.
/// </remarks>
public sealed class BadNetworkHosts : IAsyncLifetime
{
    internal const int Names = 2000;

    private readonly TestNetwork _network = new();
    private NetworkNamespace? _client;
    private NetworkNamespace? _server;
    private NetworkNamespace? _upstream;

    internal NetworkNamespace Upstream => _upstream ?? throw new InvalidOperationException("not started");

    /// <summary>The links 21 to 23; each prints every second what it did.</summary>
    internal List<RunningProgram> BadLinks { get; } = [];

    internal ServerProcess? MiniDns { get; private set; }

    public async Task InitializeAsync()
    {
        _client = await _network.HostAsync("client");
        _server = await _network.HostAsync("server");
        _upstream = await _network.HostAsync("upstream");
        await NetworkNamespace.ConnectAsync(_client, "lan", _server, "lan");
        await NetworkNamespace.ConnectAsync(_server, "wan", _upstream, "wan");
        await _client.AddAddressAsync("10.89.1.9/24", "lan");
        await _server.AddAddressAsync("10.89.2.1/24", "wan");
        foreach (string host in new[] { "2", "3", "4" })
        {
            await _server.AddAddressAsync($"10.89.1.{host}/24", "lan");
        }

        foreach (string host in new[] { "21", "22", "23", "31", "53", "99" })
        {
            await _upstream.AddAddressAsync($"10.89.2.{host}/24", "wan");
        }

        await StartKnotAsync(_upstream);
        for (int i = 21; i <= 23; i++)
        {
            BadLinks.Add(await StartLinkAsync($"10.89.2.{i}", "bad"));
        }

        await StartLinkAsync("10.89.2.31", "late");
        MiniDns = await _network.ServeAsync(_server, """
            .:53 {
                bind 10.89.1.2
                errors
                forward . 10.89.2.21 10.89.2.22 10.89.2.23
            }
            .:53 {
                bind 10.89.1.3
                errors
                forward . 10.89.2.21
            }
            .:53 {
                bind 10.89.1.4
                errors
                prometheus 10.89.1.4:9153
                cache
                forward . 10.89.2.31
            }
            """);
    }

    public async Task DisposeAsync() => await _network.DisposeAsync();

    /// <summary>Runs a client and gives the line that it ends with.</summary>
    internal async Task<string> AskAsync(string server, int rate, int count, string prefix)
    {
        ToolResult result = await Tool.RunInAsync(
            _network.Directory.Path,
            "ip",
            [.. _client!.Exec.Skip(1), ForwardingHosts.Python, ForwardingHosts.Script("stub_client.py"), server, $"{rate}", $"{count}", prefix],
            TimeSpan.FromMinutes(3));
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        return result.Lines[^1];
    }

    /// <summary>kdig's print of what a server says.</summary>
    internal async Task<string> DigAsync(params IEnumerable<string> words) => (await _client!.RunAsync("kdig", words)).Output;

    /// <summary>A page over HTTP, seen from the client.</summary>
    internal async Task<string> PageAsync(string address) =>
        (await _client!.RunAsync(ForwardingHosts.Python, "-c", "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())", address)).Output;

    private async Task<RunningProgram> StartLinkAsync(string listen, string how)
    {
        RunningProgram link = _network.Run(Upstream, ForwardingHosts.Python, ForwardingHosts.Script("bad_link.py"), listen, "10.89.2.53", how);
        await link.LineAsync(l => l == "ready");
        return link;
    }

    private async Task StartKnotAsync(NetworkNamespace host)
    {
        IEnumerable<string> addresses = from prefix in new[] { "h", "one", "forged", "rich", "control" }
                                        from i in Enumerable.Range(0, Names)
                                        select $"{prefix}{i} A 10.{i >> 16}.{(i >> 8) & 255}.{i & 255}";
        IEnumerable<string> texts = from i in Enumerable.Range(0, 100)
                                    from j in Enumerable.Range(10, 12)
                                    select $"big{i} TXT \"{$"{i}-{j}-".PadRight(200, 'x')}\"";
        const string Head = "$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 30\n@ NS ns\nns A 10.89.2.53\n";
        _network.Directory.Write("load.test.zone", $"$ORIGIN load.test.\n{Head}{string.Join('\n', addresses.Concat(texts))}\n");
        _network.Directory.Write("bank.test.zone", $"$ORIGIN bank.test.\n{Head}www A 192.0.2.80\n");
        string configuration = _network.Directory.Write("knot.conf", $"""
            server:
                rundir: {_network.Directory.Path}
                listen: 10.89.2.53@53
                user: root:root
            control:
                listen: {_network.Directory.Path}/knot.sock
            database:
                storage: {_network.Directory.Path}
            log:
              - target: stdout
                any: info
            template:
              - id: default
                storage: {_network.Directory.Path}
                global-module: mod-cookies
            zone:
              - domain: load.test
                file: load.test.zone
              - domain: bank.test
                file: bank.test.zone
            """);
        RunningProgram knot = _network.Run(host, "/usr/sbin/knotd", "-c", configuration);
        await Eventually.TrueAsync(
            async () => (await _server!.RunAsync("kdig", "@10.89.2.53", "+short", "www.bank.test")).Output.Trim() == "192.0.2.80",
            () => knot.Transcript);
    }
}
