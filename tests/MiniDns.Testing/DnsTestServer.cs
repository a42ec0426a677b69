using System.Net;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Hosting;

namespace MiniDns.Testing;

/// <summary>A whole server in this process, on real sockets of the loopback interface.</summary>
/// <remarks>Use port 0 and <c>bind 127.0.0.1</c> in the Corefile.</remarks>
public sealed class DnsTestServer : IAsyncDisposable
{
    private readonly DnsServerService _service;
    private readonly string _directory;

    private DnsTestServer(string directory, string corefile, IReadOnlyList<IDnsPlugin> plugins, TimeProvider time)
    {
        _directory = directory;
        File.WriteAllText(Path.Combine(directory, "Corefile"), corefile.Replace("{DIR}", directory, StringComparison.Ordinal));
        var options = new MiniDnsOptions { CorefilePath = Path.Combine(directory, "Corefile"), Port = 0, Output = Banner };
        Services = new DnsServices(Log, time, Metrics, new HostFacts(ServerVersion.Name, "test-host"));
        _service = new DnsServerService(options, new PluginCatalog(plugins), Services);
    }

    /// <summary>What was printed at the start.</summary>
    public StringWriter Banner { get; } = new();

    /// <summary>What was logged.</summary>
    public TestLoggerFactory Log { get; } = new();

    /// <summary>The counters.</summary>
    public MetricRegistry Metrics { get; } = new();

    /// <summary>What plugins were given.</summary>
    public DnsServices Services { get; }

    /// <summary>The directory of the Corefile and of whatever files a test adds.</summary>
    public string Directory => _directory;

    /// <summary>Where the first block is served.</summary>
    public IPEndPoint Address => _service.Addresses[0];

    /// <summary>Where all blocks are served.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => _service.Addresses;

    /// <summary>Where HTTP pages are served.</summary>
    public IReadOnlyList<IPEndPoint> PageAddresses => _service.PageAddresses;

    /// <summary>Starts a server.</summary>
    /// <param name="corefile">The Corefile; <c>{DIR}</c> is the test's directory.</param>
    /// <param name="files">Files to write into that directory first.</param>
    /// <param name="plugins">The plugins to know; all by default.</param>
    /// <param name="time">The clock; the system's by default.</param>
    public static async Task<DnsTestServer> StartAsync(string corefile, IReadOnlyDictionary<string, string>? files = null, IReadOnlyList<IDnsPlugin>? plugins = null, TimeProvider? time = null)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("minidns-").FullName;
        foreach ((string name, string text) in files ?? new Dictionary<string, string>())
        {
            await File.WriteAllTextAsync(Path.Combine(directory, name), text);
        }

        var server = new DnsTestServer(directory, corefile, plugins ?? PluginOrder.All, time ?? TimeProvider.System);
        try
        {
            await server._service.StartAsync(CancellationToken.None);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes another Corefile and reads it, as SIGUSR1 does.</summary>
    /// <param name="corefile">The new Corefile.</param>
    /// <returns>False when the former configuration goes on.</returns>
    public async Task<bool> ReloadAsync(string corefile)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "Corefile"), corefile.Replace("{DIR}", _directory, StringComparison.Ordinal));
        return await _service.ReloadAsync("test", CancellationToken.None);
    }

    /// <summary>Stops as SIGTERM does: says so, answers what is in flight, ends.</summary>
    public Task StopAsync() => _service.StopAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        System.IO.Directory.Delete(_directory, recursive: true);
    }
}
