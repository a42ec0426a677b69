using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Monitoring;

/// <summary>A server with a page for Prometheus, on a host of its own, after some queries of every kind; and Debian's Prometheus that reads the page.</summary>
public sealed class WatchedServer : IAsyncLifetime
{
    /// <summary>Where the page is.</summary>
    internal const string Page = "http://127.0.0.1:9153/metrics";

    /// <summary>How many queries <see cref="InitializeAsync"/> asks of the block <c>.</c>.</summary>
    internal const int Asked = 8;

    private const string Prometheus = "127.0.0.1:9090";

    private const string Corefile = """
        . {
            bind 127.0.0.1
            prometheus 127.0.0.1:9153 {
                runtime_metrics
            }
            errors
            health 127.0.0.1:8080
            ready 127.0.0.1:8181
            reload
            local
            search mycompany.com
            cache
            hosts {
                10.0.0.1 web.mycompany.com
                fallthrough
            }
            forward . 127.0.0.1:5300 127.0.0.1:5301
        }
        load.test {
            bind 127.0.0.1
            prometheus 127.0.0.1:9153
            cache
            hosts {
                10.0.0.2 web.load.test
            }
        }
        example.org:5300 example.net:5300 {
            bind 127.0.0.1
            prometheus 127.0.0.1:9153
            whoami
        }
        """;

    private readonly PrivateHost _host = new();
    private ServerProcess? _server;
    private RunningProgram? _prometheus;

    /// <summary>The host.</summary>
    internal NetworkNamespace Network => _host.Network;

    /// <summary>Files for the host's programs.</summary>
    internal TestDirectory Directory => _host.Directory;

    public async Task InitializeAsync()
    {
        await _host.InitializeAsync();
        Directory.Write("Corefile", Corefile);
        _server = await ServerProcess.StartAsync(_host.Launch());
        await AskAsync("web.mycompany.com", "A");
        await AskAsync("web", "A");
        await AskAsync("a.example.org", "AAAA", "+tcp");
        await AskAsync("a.example.org", "AAAA", "+dnssec");
        await AskAsync("a.example.net", "TXT");
        await AskAsync("localhost", "A");
        await AskAsync("elsewhere.test", "A");
        await AskAsync("elsewhere.test", "TYPE65280");
        string configuration = Directory.Write("prometheus.yml", """
            global:
              scrape_interval: 200ms
            scrape_configs:
            - job_name: dns
              static_configs:
              - targets: ["127.0.0.1:9153"]
            """);
        _prometheus = new RunningProgram(
            Directory.Path,
            [.. Network.Exec, "prometheus", "--config.file=" + configuration, "--storage.tsdb.path=" + Directory["series"], "--web.listen-address=" + Prometheus]);
    }

    public async Task DisposeAsync()
    {
        if (_prometheus is not null)
        {
            await _prometheus.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _host.DisposeAsync();
    }

    /// <summary>Reads the page.</summary>
    internal async Task<string> ScrapeAsync() => (await Network.RunAsync(
        "/usr/bin/python3", "-c", "import sys, urllib.request; sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=30).read().decode())", Page)).Succeeded().Output;

    /// <summary>Asks Prometheus; one line a series: <c>{labels} => value @[time]</c>.</summary>
    internal Task<ToolResult> EvaluateAsync(string expression) => Network.RunAsync("promtool", "query", "instant", "http://" + Prometheus, expression);

    /// <summary>Waits until Prometheus says something of an expression.</summary>
    internal async Task ExpectAsync(string expression, string value)
    {
        ToolResult? last = null;
        await Eventually.TrueAsync(
            async () =>
            {
                last = await EvaluateAsync(expression);
                return last.Lines is [var line] && line.Contains($"=> {value} @[", StringComparison.Ordinal);
            },
            () => $"expected {value}\n{last}\n{_prometheus!.Transcript}");
    }

    private async Task AskAsync(string name, string type, string transport = "+notcp") =>
        Assert.Contains("status: ", (await Network.RunAsync("dig", "@127.0.0.1", "+tries=1", "+timeout=10", transport, name, type)).Output, StringComparison.Ordinal);
}
