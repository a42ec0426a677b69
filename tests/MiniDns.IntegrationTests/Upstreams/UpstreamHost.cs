using MiniDns.IntegrationTests.Support;
using MiniDns.Testing;

namespace MiniDns.IntegrationTests.Upstreams;

/// <summary>A host with an upstream of another make at an address of its own and MiniDns at 127.0.0.1, all on well-known ports.</summary>
internal sealed class UpstreamHost : IAsyncDisposable
{
    /// <summary>The name in the upstreams' certificates.</summary>
    public const string ServerName = "dns.example";

    private readonly TestAuthority _authority = new();
    private readonly TestNetwork _network = new();
    private NetworkNamespace? _host;

    public TestDirectory Directory => _network.Directory;

    public NetworkNamespace Network => _host ?? throw new InvalidOperationException("not started");

    /// <summary>Everything that was said, for a failed test's message.</summary>
    public string Transcript => _network.Transcript;

    public async Task StartAsync()
    {
        _host = await _network.HostAsync("upstream");
        foreach (string address in new[] { "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5" })
        {
            await Network.AddAddressAsync(address + "/8", "lo");
        }

        Directory.Write("ca.pem", _authority.Pem);
        _authority.IssueTo(Directory["cert.pem"], Directory["key.pem"], [ServerName]);
    }

    /// <summary>Starts MiniDns with these properties of its forward directive.</summary>
    public Task<ServerProcess> ServeAsync(string upstream, string properties = "") => _network.ServeAsync(Network, $$"""
        .:53 {
            bind 127.0.0.1
            errors
            forward . {{upstream}} {
                tls ca.pem
                read_timeout 5s
                {{properties}}
            }
        }
        """);

    /// <summary>unbound with one answer for all names, over TLS at port 853 and HTTPS at port 443 of 127.0.0.3.</summary>
    public Task StartUnboundAsync()
    {
        string configuration = Directory.Write("unbound.conf", $"""
            server:
                interface: 127.0.0.3@853
                interface: 127.0.0.3@443
                tls-port: 853
                https-port: 443
                tls-service-pem: "{Directory["cert.pem"]}"
                tls-service-key: "{Directory["key.pem"]}"
                access-control: 127.0.0.0/8 allow
                username: ""
                chroot: ""
                directory: "{Directory.Path}"
                pidfile: ""
                use-syslog: no
                do-daemonize: no
                module-config: "iterator"
                local-zone: "example.org." redirect
                local-data: "example.org. 300 A 192.0.2.80"
            remote-control:
                control-enable: no
            """);
        return StartAsync("127.0.0.3", 853, "/usr/sbin/unbound", "-d", "-c", configuration);
    }

    /// <summary>Knot DNS with a zone, at port 53 of 127.0.0.2.</summary>
    public Task StartKnotAsync()
    {
        WriteZone();
        string configuration = Directory.Write("knot.conf", $"""
            server:
                rundir: {Directory.Path}
                listen: 127.0.0.2@53
                user: root:root
            database:
                storage: {Directory.Path}
            log:
              - target: stdout
                any: info
            zone:
              - domain: example.org
                storage: {Directory.Path}
                file: example.org.zone
                zonefile-sync: -1
                journal-content: none
            """);
        return StartAsync("127.0.0.2", 53, "/usr/sbin/knotd", "-c", configuration);
    }

    /// <summary>dnsdist in front of Knot DNS, over TLS at port 853 and HTTPS at port 443 of 127.0.0.4.</summary>
    public async Task StartDnsdistAsync()
    {
        await StartKnotAsync();
        string configuration = Directory.Write("dnsdist.conf", $"""
            setLocal('127.0.0.4:53')
            addTLSLocal('127.0.0.4:853', '{Directory["cert.pem"]}', '{Directory["key.pem"]}')
            addDOHLocal('127.0.0.4:443', '{Directory["cert.pem"]}', '{Directory["key.pem"]}')
            newServer('127.0.0.2:53')
            """);
        await StartAsync("127.0.0.4", 853, "/usr/bin/dnsdist", "--supervised", "--disable-syslog", "-C", configuration);
    }

    /// <summary>BIND with a zone at port 53 of 127.0.0.5, which answers nobody over UDP who does not show its cookie.</summary>
    public Task StartBindAsync()
    {
        WriteZone();
        string configuration = Directory.Write("named.conf", $$"""
            options {
                directory "{{Directory.Path}}";
                listen-on port 53 { 127.0.0.5; };
                listen-on-v6 { none; };
                pid-file none;
                session-keyfile none;
                recursion no;
                dnssec-validation no;
                require-server-cookie yes;
            };
            controls { };
            zone "example.org" { type primary; file "example.org.zone"; };
            """);
        return StartAsync("127.0.0.5", 53, "/usr/sbin/named", "-g", "-n", "1", "-c", configuration);
    }

    /// <summary>A server at port 853 of 127.0.0.3 that tells whether TLS sessions are resumed.</summary>
    internal Task<RunningProgram> StartTlsServerAsync(string version) =>
        StartAsync("127.0.0.3", 853, "/usr/bin/python3", Repository.PathOf("tests", "MiniDns.IntegrationTests", "Upstreams", "tls_server.py"), "127.0.0.3", Directory["cert.pem"], Directory["key.pem"], version);

    /// <summary>dig's print of an answer by MiniDns.</summary>
    /// <remarks>dig shares its ports: of two that run at once, one may now and then get the other's answer, and asks again. It waits longer than
    /// MiniDns does for an upstream, so a question that gets lost there is not hidden: it ends with SERVFAIL.</remarks>
    public async Task<string> AskAsync(params IEnumerable<string> words) =>
        (await Network.RunAsync("dig", ["@127.0.0.1", "+tries=2", "+time=7", .. words])).Output;

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        _authority.Dispose();
    }

    private void WriteZone()
    {
        string text = string.Join(' ', Enumerable.Repeat('"' + new string('x', 200) + '"', 30));
        Directory.Write("example.org.zone", $"""
            $ORIGIN example.org.
            $TTL 300
            @ SOA ns1 admin 1 7200 3600 1209600 300
            @ NS ns1
            ns1 A 192.0.2.1
            big TXT {text}
            * A 192.0.2.80

            """);
    }

    private Task<RunningProgram> StartAsync(string address, int port, params IReadOnlyList<string> command) => _network.ListenAsync(Network, address, port, command);
}
