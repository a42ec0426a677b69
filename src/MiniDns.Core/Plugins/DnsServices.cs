using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>What every plugin may use. Built once, read-only.</summary>
/// <param name="Loggers">Makes loggers; a plugin's category is <c>plugin/NAME</c>.</param>
/// <param name="Time">The clock.</param>
/// <param name="Metrics">The process's counters and gauges.</param>
/// <param name="Host">Facts about the process.</param>
public sealed record DnsServices(ILoggerFactory Loggers, TimeProvider Time, MetricRegistry Metrics, HostFacts Host)
{
    /// <summary>Takes lines for standard output that are not log messages of the server: the query log.</summary>
    public ILineWriter Lines { get; init; } = ConsoleLineWriter.StandardOutput;

    /// <summary>Whether debug messages are logged.</summary>
    public DebugSwitch Debug { get; init; } = new();

    /// <summary>Makes and checks the server's cookies (RFC 7873); one for the life of the process.</summary>
    public CookieJar Cookies { get; init; } = new(Time);

    /// <summary>What may be asked of the running server as a whole: a reload, its load, whether it answers.</summary>
    public ServerControl Server { get; init; } = new();

    /// <summary>True for a configuration that is only tried out, beside the server that serves: it may read files and ask others what a query
    /// needs, but writes nothing.</summary>
    public bool IsTrial { get; init; }

    /// <summary>The logger of a plugin.</summary>
    public ILogger LoggerFor(string plugin) => Loggers.CreateLogger("plugin/" + plugin);
}
