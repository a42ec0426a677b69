using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Proxies;

/// <summary>A host where clients reach MiniDns, at port 53 of 127.0.0.1, through proxies of other makes at addresses of their own.</summary>
internal sealed class ProxyHost : IAsyncDisposable
{
    private readonly TestNetwork _network = new();
    private NetworkNamespace? _host;

    public TestDirectory Directory => _network.Directory;

    public NetworkNamespace Network => _host ?? throw new InvalidOperationException("not started");

    /// <summary>Everything that was said, for a failed test's message.</summary>
    public string Transcript => _network.Transcript;

    /// <summary>Starts MiniDns with these directives.</summary>
    public async Task<ServerProcess> ServeAsync(string directives)
    {
        _host = await _network.HostAsync("proxied");
        return await _network.ServeAsync(Network, $"{directives}\n");
    }

    /// <summary>dnsdist at port 53 of 127.0.0.2, whose own questions (health checks) carry headers, too.</summary>
    public Task StartDnsdistAsync()
    {
        string configuration = Directory.Write("dnsdist.conf", """
            setLocal('127.0.0.2:53')
            setACL('127.0.0.0/8')
            newServer{address='127.0.0.1:53', source='127.0.0.2', useProxyProtocol=true, checkInterval=1}
            """);
        return StartAsync("127.0.0.2", 53, "/usr/bin/dnsdist", "--supervised", "--disable-syslog", "-C", configuration);
    }

    /// <summary>HAProxy at port 53 of 127.0.0.3 and, with headers of version 1, of 127.0.0.4; TCP only.</summary>
    public async Task StartHaproxyAsync()
    {
        string configuration = Directory.Write("haproxy.cfg", """
            global
                maxconn 100
            defaults
                mode tcp
                timeout connect 5s
                timeout client 10s
                timeout server 10s
            listen binary
                bind 127.0.0.3:53
                server dns 127.0.0.1:53 source 127.0.0.3 send-proxy-v2 check check-send-proxy inter 200
            listen text
                bind 127.0.0.4:53
                server dns 127.0.0.1:53 source 127.0.0.4 send-proxy check check-send-proxy inter 200

            """);
        await StartAsync("127.0.0.3", 53, "/usr/sbin/haproxy", "-db", "-f", configuration);
    }

    /// <summary>A client's answer.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="proxy">Whom it asks.</param>
    /// <param name="words">dig's other arguments.</param>
    public async Task<string> AskAsync(string client, string proxy, params IEnumerable<string> words) =>
        (await Network.RunAsync("dig", ["-b", client, "@" + proxy, "+tries=2", "+time=7", .. words])).Output;

    /// <summary>A metric's value, by its name and labels as the page has them; 0 when it is not there.</summary>
    public async Task<double> MetricAsync(string series)
    {
        string page = (await Network.RunAsync("curl", "-s", "http://127.0.0.1:9153/metrics")).Succeeded().Output;
        string? line = page.Split('\n').FirstOrDefault(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    private Task<RunningProgram> StartAsync(string address, int port, params IReadOnlyList<string> command) => _network.ListenAsync(Network, address, port, command);
}
