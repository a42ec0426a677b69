using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Network;

/// <summary>Three hosts on two cables: a client, MiniDns, and an upstream that is Knot with a zone of its own.</summary>
/// <remarks>
/// client 10.77.1.9, fd77:1::9 - (10.77.1.1, 10.77.1.2, fd77:1::1, fd77:1::2) server (10.77.2.1, fd77:2::1) - upstream 10.77.2.53, fd77:2::53.
/// The client can reach the upstream only through the server.
/// </remarks>
public sealed class ThreeHosts : IAsyncLifetime
{
    private readonly TestNetwork _network = new();
    private NetworkNamespace? _client;
    private ServerProcess? _server;

    internal NetworkNamespace Client => _client ?? throw new InvalidOperationException("not started");

    internal ServerProcess Server => _server ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _client = await _network.HostAsync("client");
        NetworkNamespace server = await _network.HostAsync("server");
        NetworkNamespace upstream = await _network.HostAsync("upstream");
        await NetworkNamespace.ConnectAsync(_client, "lan", server, "lan");
        await NetworkNamespace.ConnectAsync(server, "wan", upstream, "wan");
        foreach ((NetworkNamespace host, string device, string address) in new[]
        {
            (_client, "lan", "10.77.1.9/24"), (_client, "lan", "fd77:1::9/64"),
            (server, "lan", "10.77.1.1/24"), (server, "lan", "10.77.1.2/24"), (server, "lan", "fd77:1::1/64"), (server, "lan", "fd77:1::2/64"),
            (server, "wan", "10.77.2.1/24"), (server, "wan", "fd77:2::1/64"),
            (upstream, "wan", "10.77.2.53/24"), (upstream, "wan", "fd77:2::53/64"),
        })
        {
            await host.AddAddressAsync(address, device);
        }

        await StartKnotAsync(upstream);
        _server = await _network.ServeAsync(server, """
            . {
                errors
                log
                search mycompany.com prod.mycompany.com
                cache 60
                hosts {
                    192.168.1.10 web.mycompany.com
                    fd00:1::10 web.mycompany.com
                    192.168.1.11 db.mycompany.com
                    192.168.1.20 queue.prod.mycompany.com
                    fallthrough
                }
                forward . 10.77.2.53
            }
            ipv6.test {
                errors
                forward . [fd77:2::53]:53
            }
            """);
    }

    public async Task DisposeAsync() => await _network.DisposeAsync();

    /// <summary>Points the client's resolver at a server. It has no search domains of its own.</summary>
    internal void UseResolver(string address)
    {
        Client.WriteEtc("resolv.conf", $"nameserver {address}\nsearch .\noptions timeout:5 attempts:1\n");
        Client.WriteEtc("hosts", "127.0.0.1 localhost\n");
        Client.WriteEtc("nsswitch.conf", "hosts: files dns\n");
    }

    private async Task StartKnotAsync(NetworkNamespace host)
    {
        _network.Directory.Write("corp.test.zone", """
            $ORIGIN corp.test.
            $TTL 300
            @ SOA ns hostmaster 1 3600 600 86400 30
            @ NS ns
            ns A 10.77.2.53
            www A 198.51.100.7
            www AAAA 2001:db8:77::7
            alias CNAME www
            many TXT ( "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "a123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "b123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" )
            many TXT ( "c123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "d123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "e123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" )
            many TXT ( "f123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "g123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "h123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "i123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "j123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" )
            many TXT ( "k123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "l123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "m123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" )

            """);
        _network.Directory.Write("mycompany.com.zone", "$ORIGIN mycompany.com.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 30\n@ NS ns\nns A 10.77.2.53\nmail A 192.0.2.25\n");
        _network.Directory.Write("ipv6.test.zone", "$ORIGIN ipv6.test.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 30\n@ NS ns\nns AAAA fd77:2::53\nwww AAAA 2001:db8:66::6\n");
        string configuration = _network.Directory.Write("knot.conf", $"""
            server:
                rundir: {_network.Directory.Path}
                listen: [ 10.77.2.53@53, fd77:2::53@53 ]
                user: root:root
            control:
                listen: {_network.Directory.Path}/knot.sock
            database:
                storage: {_network.Directory.Path}
            log:
              - target: stdout
                any: info
            zone:
              - domain: corp.test
                storage: {_network.Directory.Path}
                file: corp.test.zone
              - domain: mycompany.com
                storage: {_network.Directory.Path}
                file: mycompany.com.zone
              - domain: ipv6.test
                storage: {_network.Directory.Path}
                file: ipv6.test.zone
            """);
        RunningProgram knot = _network.Run(host, "/usr/sbin/knotd", "-c", configuration);
        await knot.LineAsync(l => l.Contains("server started", StringComparison.Ordinal));

        // Zones are loaded beside the start.
        foreach (string zone in new[] { "corp.test", "mycompany.com", "ipv6.test" })
        {
            await Eventually.TrueAsync(
                async () => (await host.RunAsync("kdig", "@10.77.2.53", "+short", zone, "SOA")).Output.StartsWith("ns.", StringComparison.Ordinal),
                () => knot.Transcript);
        }
    }
}
