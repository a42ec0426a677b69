using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>Upstreams of four makes, all with the signed zone mix.test, and MiniDns in front of each.</summary>
/// <remarks>One host: Knot at 127.0.2.1, BIND at 127.0.2.2, dnsdist in front of the Knot at 127.0.2.3, unbound that asks the Knot at 127.0.2.4;
/// MiniDns at 127.0.1.1 to 4, in the same order.</remarks>
public sealed class UpstreamMakes : IAsyncLifetime
{
    private readonly TestNetwork _network = new();
    private NetworkNamespace? _host;

    internal NetworkNamespace Host => _host ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _host = await _network.HostAsync("makes");

        // BIND listens only on addresses that an interface has.
        await Host.AddAddressAsync("127.0.2.2/8", "lo");
        WriteZone();
        await StartKnotAsync();
        await StartBindAsync();
        await StartDnsdistAsync();
        await StartUnboundAsync();
        IEnumerable<string> blocks = Enumerable.Range(1, 4).Select(i => $$"""
            .:53 {
                bind 127.0.1.{{i}}
                errors
                forward . 127.0.2.{{i}}
            }
            """);
        await _network.ServeAsync(Host, string.Join('\n', blocks));
    }

    public async Task DisposeAsync() => await _network.DisposeAsync();

    private void WriteZone()
    {
        string text = string.Concat(Enumerable.Range(0, 60).Select(i => $"big TXT \"{i:000}{new string('x', 60)}\"\n"));
        _network.Directory.Write("mix.test.zone", $"""
            $ORIGIN mix.test.
            $TTL 300
            @ SOA ns hostmaster 1 3600 600 86400 30
            @ NS ns
            @ MX 10 mail
            @ A 192.0.2.1
            @ CAA 0 issue "ca.example"
            ns A 127.0.2.1
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
    }

    private Task StartKnotAsync()
    {
        string configuration = _network.Directory.Write("knot.conf", $"""
            server:
                rundir: {_network.Directory.Path}
                listen: 127.0.2.1@53
                user: root:root
            control:
                listen: {_network.Directory.Path}/knot.sock
            database:
                storage: {_network.Directory.Path}
            log:
              - target: stdout
                any: info
            zone:
              - domain: mix.test
                storage: {_network.Directory.Path}
                file: mix.test.zone
                dnssec-signing: on
                zonefile-sync: -1
                zonefile-load: difference
            """);
        return StartAsync("127.0.2.1", "/usr/sbin/knotd", "-c", configuration);
    }

    private Task StartBindAsync()
    {
        string configuration = _network.Directory.Write("named.conf", $$"""
            options {
                directory "{{_network.Directory.Path}}";
                listen-on port 53 { 127.0.2.2; };
                listen-on-v6 { none; };
                pid-file none;
                session-keyfile none;
                recursion no;
                dnssec-validation no;

                // Otherwise it leaves out the zone's NS records where EDNS offers 512 octets, and adds them where there is no EDNS. We add EDNS with
                // 512 octets to a query without it, for the cookie.
                minimal-responses yes;
            };
            controls { };
            zone "mix.test" {
                type primary;
                file "mix.test.zone";
                dnssec-policy default;
                inline-signing yes;
            };
            """);
        return StartAsync("127.0.2.2", "/usr/sbin/named", "-g", "-n", "1", "-c", configuration);
    }

    private Task StartDnsdistAsync()
    {
        string configuration = _network.Directory.Write("dnsdist.conf", """
            setLocal('127.0.2.3:53')
            newServer('127.0.2.1:53')
            """);
        return StartAsync("127.0.2.3", "/usr/bin/dnsdist", "--supervised", "--disable-syslog", "-C", configuration);
    }

    private Task StartUnboundAsync()
    {
        string configuration = _network.Directory.Write("unbound.conf", $"""
            server:
              username: ""
              chroot: ""
              directory: "{_network.Directory.Path}"
              pidfile: ""
              interface: 127.0.2.4
              access-control: 127.0.0.0/8 allow_snoop
              do-daemonize: no
              use-syslog: no
              module-config: "iterator"
              do-not-query-localhost: no
              local-zone: "test." nodefault
            stub-zone:
              name: "mix.test."
              stub-addr: 127.0.2.1
            remote-control:
              control-enable: no

            """);
        return StartAsync("127.0.2.4", "/usr/sbin/unbound", "-d", "-c", configuration);
    }

    private async Task StartAsync(string address, params IReadOnlyList<string> command)
    {
        RunningProgram program = _network.Run(Host, command);
        await Eventually.TrueAsync(
            async () => (await Host.RunAsync("kdig", $"@{address}", "+short", "mix.test", "DNSKEY")).Output.Length > 0,
            () => program.Transcript);
    }
}
