using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>A client, MiniDns, and a host with three unbounds, and a Knot with a signed zone.</summary>
/// <remarks>
/// client 10.88.1.9 - (10.88.1.1 over the unbounds 10.88.2.11 to 13; 10.88.1.3 over the Knot 10.88.2.53, which has the zone mix.test) server 10.88.2.1 - 10.88.2.0/24
/// </remarks>
public sealed class ForwardingHosts : IAsyncLifetime
{
    /// <summary>Debian's own Python, which Debian's dnspython belongs to.</summary>
    internal const string Python = "/usr/bin/python3";

    private readonly TestDirectory _directory = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private NetworkNamespace? _client;
    private NetworkNamespace? _server;

    internal NetworkNamespace Client => _client ?? throw new InvalidOperationException("not started");

    internal NetworkNamespace Server => _server ?? throw new InvalidOperationException("not started");

    internal List<RunningProgram> Unbounds { get; } = [];

    internal ServerProcess? MiniDns { get; private set; }

    public async Task InitializeAsync()
    {
        _client = await NamespaceAsync("client");
        _server = await NamespaceAsync("server");
        NetworkNamespace upstream = await NamespaceAsync("upstream");
        await NetworkNamespace.ConnectAsync(_client, "lan", _server, "lan");
        await NetworkNamespace.ConnectAsync(_server, "wan", upstream, "wan");
        await _client.AddAddressAsync("10.88.1.9/24", "lan");
        await _server.AddAddressAsync("10.88.1.1/24", "lan");
        await _server.AddAddressAsync("10.88.1.3/24", "lan");
        await _server.AddAddressAsync("10.88.2.1/24", "wan");
        foreach (string host in new[] { "11", "12", "13", "53" })
        {
            await upstream.AddAddressAsync($"10.88.2.{host}/24", "wan");
        }

        for (int i = 1; i <= 3; i++)
        {
            await StartUnboundAsync(upstream, i);
        }

        await StartKnotAsync(upstream);
        MiniDns = await ServerProcess.StartAsync(_directory, """
            . {
                bind 10.88.1.1
                errors
                forward . 10.88.2.11 10.88.2.12 10.88.2.13
            }
            .:53 {
                bind 10.88.1.3
                errors
                forward . 10.88.2.53
            }
            """, [.. _server.Exec]);
        _parts.Add(MiniDns);
    }

    public async Task DisposeAsync()
    {
        for (int i = _parts.Count - 1; i >= 0; i--)
        {
            await _parts[i].DisposeAsync();
        }

        _directory.Dispose();
    }

    /// <summary>Starts to ask for names below load.test.</summary>
    internal RunningProgram Load(string server, int rate, int seconds) =>
        new(_directory.Path, [.. Client.Exec, Python, Script("load_client.py"), server, $"{rate}", $"{seconds}"]);

    internal static string Script(string name) => Repository.PathOf("tests", "MiniDns.IntegrationTests", "Forwarding", name);

    private async Task<NetworkNamespace> NamespaceAsync(string role)
    {
        NetworkNamespace made = await NetworkNamespace.CreateAsync(role);
        _parts.Add(made);
        return made;
    }

    private async Task StartUnboundAsync(NetworkNamespace host, int number)
    {
        string configuration = _directory.Write($"unbound{number}.conf", $"""
            server:
              username: ""
              chroot: ""
              directory: "{_directory.Path}"
              pidfile: "{_directory.Path}/unbound{number}.pid"
              interface: 10.88.2.1{number}
              access-control: 0.0.0.0/0 allow
              do-daemonize: no
              use-syslog: no
              module-config: "iterator"
              local-zone: "load.test." redirect
              local-data: "load.test. 300 A 192.0.2.{number}"
              local-zone: "." static
            remote-control:
              control-enable: no

            """);
        var unbound = new RunningProgram(_directory.Path, [.. host.Exec, "/usr/sbin/unbound", "-d", "-c", configuration]);
        _parts.Add(unbound);
        Unbounds.Add(unbound);
        await Eventually.TrueAsync(
            async () => (await Server.RunAsync("kdig", $"@10.88.2.1{number}", "+short", "x.load.test")).Output.StartsWith("192.0.2.", StringComparison.Ordinal),
            () => unbound.Transcript);
    }

    private async Task StartKnotAsync(NetworkNamespace host)
    {
        string text = string.Concat(Enumerable.Range(0, 60).Select(i => $"big TXT \"{i:000}{new string('x', 60)}\"\n"));
        _directory.Write("mix.test.zone", $"""
            $ORIGIN mix.test.
            $TTL 300
            @ SOA ns hostmaster 1 3600 600 86400 30
            @ NS ns
            @ MX 10 mail
            @ A 192.0.2.1
            @ CAA 0 issue "ca.example"
            ns A 10.88.2.53
            www A 192.0.2.2
            www AAAA 2001:db8::2
            www HINFO "a" "b"
            mail A 192.0.2.3
            mail TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000
            alias CNAME www
            chain CNAME alias
            many A 192.0.2.10
            many A 192.0.2.11
            many A 192.0.2.12
            many TXT "one" "two"
            srv SRV 1 2 53 ns
            _sip._tcp SRV 1 2 5060 mail
            deep.er.name A 192.0.2.4
            *.wild.card A 192.0.2.5
            dname DNAME www
            delegated NS ns.delegated
            ns.delegated A 192.0.2.6
            caa CAA 0 iodef "mailto:a@example.org"
            https HTTPS 1 www alpn=h2
            https SVCB 1 www port=53
            naptr NAPTR 1 1 "s" "x" "" srv
            odd TYPE65280 \# 3 010203
            ptr PTR www
            {text}
            """);
        string configuration = _directory.Write("knot.conf", $"""
            server:
                rundir: {_directory.Path}
                listen: 10.88.2.53@53
                user: root:root
            control:
                listen: {_directory.Path}/knot.sock
            database:
                storage: {_directory.Path}
            log:
              - target: stdout
                any: info
            zone:
              - domain: mix.test
                storage: {_directory.Path}
                file: mix.test.zone
                dnssec-signing: on
                zonefile-load: difference
            """);
        var knot = new RunningProgram(_directory.Path, [.. host.Exec, "/usr/sbin/knotd", "-c", configuration]);
        _parts.Add(knot);
        await Eventually.TrueAsync(
            async () => (await Server.RunAsync("kdig", "@10.88.2.53", "+short", "mix.test", "DNSKEY")).Output.Length > 0,
            () => knot.Transcript);
    }
}
