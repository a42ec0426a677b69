using MiniDns.Plugins;

namespace MiniDns.Server.Hosting;

/// <summary>What the command line says.</summary>
public sealed record MiniDnsOptions
{
    /// <summary>The Corefile's path; null for <c>./Corefile</c> if there is one, else the built-in configuration.</summary>
    public string? CorefilePath { get; init; }

    /// <summary>The port of keys that name none.</summary>
    public int Port { get; init; } = 53;

    /// <summary>Prints nothing at the start.</summary>
    public bool Quiet { get; init; }

    /// <summary>Where the process id is written; null for nowhere.</summary>
    public string? PidFile { get; init; }

    /// <summary>True when the server is what the process is for: it takes signals, tells the service manager how it does and takes its sockets.</summary>
    public bool OwnsProcess { get; init; }

    /// <summary>A zone file for the zone <c>zone.rehearsal</c>: before the server opens its sockets it answers queries of its own for up to a
    /// tenth of a second, so that its code is compiled by the time of the first client's. Null for no rehearsal.</summary>
    public string? RehearsalZone { get; init; }

    /// <summary>How long queries in flight may take when the server stops.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Makes the page that explains a query, given the server and the page's query string; null for no such page.</summary>
    public Func<DnsServerService, string, CancellationToken, Task<HttpSideReply>>? ExplainPage { get; init; }

    /// <summary>Where the start-up banner goes.</summary>
    public TextWriter Output { get; init; } = Console.Out;
}
