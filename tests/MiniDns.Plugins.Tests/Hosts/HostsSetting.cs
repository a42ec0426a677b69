using System.Text;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Plugins.Hosts;
using MiniDns.Protocol.Names;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Hosts;

/// <summary>A hosts file in a directory of its own, with what the plugin's parts need.</summary>
internal sealed class HostsSetting : IAsyncDisposable
{
    public HostsSetting(TimeProvider? time = null)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("minidns-hosts").FullName;
        Path = System.IO.Path.Combine(Directory, "hosts");
        Services = new DnsServices(Log, time ?? new TestTimeProvider(), new MetricRegistry(), new HostFacts("MiniDns-test", "test"));
        Options = new HostsOptions { Path = Path, Zones = [DnsName.Root] };
    }

    public string Directory { get; }

    public string Path { get; }

    public RecordingLoggers Log { get; } = new();

    public DnsServices Services { get; }

    public HostsOptions Options { get; set; }

    public HostsFile? File { get; private set; }

    public static List<HostsEntry> Entries(string lines)
    {
        List<HostsEntry> entries = [];
        HostsText.Read(
            new MemoryStream(Encoding.UTF8.GetBytes(lines)),
            (address, name) =>
            {
                entries.Add(new HostsEntry(address, name));
                return null;
            },
            new HostsProblems());
        return entries;
    }

    public async Task<ChainHarness> StartAsync(string? content = null, IDnsHandler? next = null)
    {
        if (content is not null)
        {
            await System.IO.File.WriteAllTextAsync(Path, content);
        }

        File = new HostsFile(Options, Services);
        await File.StartAsync(CancellationToken.None);
        return new ChainHarness(new HostsHandler(Options, File, next ?? EndOfChain.Instance));
    }

    public double Gauge(string name) => Services.Metrics.Snapshot().Single(s => s.Name == name).Read();

    public async ValueTask DisposeAsync()
    {
        if (File is not null)
        {
            await File.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>Keeps what was logged.</summary>
    internal sealed class RecordingLoggers : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            lock (_lines)
            {
                _lines.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
