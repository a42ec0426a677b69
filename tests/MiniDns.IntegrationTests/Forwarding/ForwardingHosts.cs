using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>A client, MiniDns, and a host with three unbounds.</summary>
/// <remarks>
/// client 10.88.1.9 - (10.88.1.1 over the unbounds 10.88.2.11 to 13, 10.88.1.5 the same with a cache) server 10.88.2.1 - 10.88.2.0/24
/// </remarks>
public sealed class ForwardingHosts : IAsyncLifetime
{
    /// <summary>Debian's own Python, which Debian's dnspython belongs to.</summary>
    internal const string Python = "/usr/bin/python3";

    private readonly TestNetwork _network = new();
    private NetworkNamespace? _client;
    private NetworkNamespace? _server;
    private NetworkNamespace? _upstream;

    internal NetworkNamespace Client => _client ?? throw new InvalidOperationException("not started");

    internal NetworkNamespace Server => _server ?? throw new InvalidOperationException("not started");

    internal NetworkNamespace Upstream => _upstream ?? throw new InvalidOperationException("not started");

    internal List<RunningProgram> Unbounds { get; } = [];

    internal ServerProcess? MiniDns { get; private set; }

    public async Task InitializeAsync()
    {
        _client = await _network.HostAsync("client");
        _server = await _network.HostAsync("server");
        NetworkNamespace upstream = _upstream = await _network.HostAsync("upstream");
        await NetworkNamespace.ConnectAsync(_client, "lan", _server, "lan");
        await NetworkNamespace.ConnectAsync(_server, "wan", upstream, "wan");
        await _client.AddAddressAsync("10.88.1.9/24", "lan");
        await _server.AddAddressAsync("10.88.1.1/24", "lan");
        await _server.AddAddressAsync("10.88.1.5/24", "lan");
        await _server.AddAddressAsync("10.88.2.1/24", "wan");
        foreach (string host in new[] { "11", "12", "13" })
        {
            await upstream.AddAddressAsync($"10.88.2.{host}/24", "wan");
        }

        StartUnbounds("192.0.2.100");
        for (int i = 1; i <= 3; i++)
        {
            await AnswersAsync(i);
        }

        MiniDns = await _network.ServeAsync(_server, """
            . {
                bind 10.88.1.1
                errors
                forward . 10.88.2.11 10.88.2.12 10.88.2.13
            }
            .:53 {
                bind 10.88.1.5
                errors
                cache {
                    success 9984 3600 1
                    serve_stale 1h verify 1800ms 30s 30s
                }
                forward . 10.88.2.11 10.88.2.12 10.88.2.13
            }
            """);
    }

    public async Task DisposeAsync() => await _network.DisposeAsync();

    /// <summary>Starts to ask for names below load.test.</summary>
    internal RunningProgram Load(string server, int rate, int seconds) =>
        new(_network.Directory.Path, [.. Client.Exec, Python, Script("load_client.py"), server, $"{rate}", $"{seconds}"]);

    internal static string Script(string name) => Repository.PathOf("tests", "MiniDns.IntegrationTests", "Forwarding", name);

    /// <summary>Starts the unbounds, and does not wait for them.</summary>
    /// <param name="address">The address of all names below stale.test, which is good for a second.</param>
    internal void StartUnbounds(string address)
    {
        for (int i = 1; i <= 3; i++)
        {
            StartUnbound(Upstream, i, address);
        }
    }

    internal async Task KillUnboundsAsync()
    {
        foreach (RunningProgram unbound in Unbounds)
        {
            await unbound.SignalAsync("KILL");
            await unbound.ExitAsync();
        }

        Unbounds.Clear();
    }

    private void StartUnbound(NetworkNamespace host, int number, string address)
    {
        string configuration = _network.Directory.Write($"unbound{number}.conf", $"""
            server:
              username: ""
              chroot: ""
              directory: "{_network.Directory.Path}"
              pidfile: "{_network.Directory.Path}/unbound{number}.pid"
              interface: 10.88.2.1{number}
              access-control: 0.0.0.0/0 allow
              do-daemonize: no
              use-syslog: no
              module-config: "iterator"
              local-zone: "load.test." redirect
              local-data: "load.test. 300 A 192.0.2.{number}"
              local-zone: "stale.test." redirect
              local-data: "stale.test. 1 A {address}"
              local-zone: "." static
            remote-control:
              control-enable: no

            """);
        Unbounds.Add(_network.Run(host, "/usr/sbin/unbound", "-d", "-c", configuration));
    }

    private Task AnswersAsync(int number) => Eventually.TrueAsync(
        async () => (await Server.RunAsync("kdig", $"@10.88.2.1{number}", "+short", "x.load.test")).Output.StartsWith("192.0.2.", StringComparison.Ordinal),
        () => Unbounds[number - 1].Transcript);
}
