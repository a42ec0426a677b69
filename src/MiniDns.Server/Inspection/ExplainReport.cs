using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Server.Inspection;

/// <summary>What became of a query.</summary>
/// <param name="Check">What is wrong or doubtful about the configuration; with an error nothing was asked.</param>
public sealed record ExplainReport(CheckReport Check)
{
    /// <summary>How the query came.</summary>
    public DnsTransport Transport { get; init; } = DnsTransport.Udp;

    /// <summary>The addresses that are served, when the query was to come to a port or over a transport that is not; nothing was asked then. Else
    /// empty.</summary>
    public IReadOnlyList<string> OtherAddresses { get; init; } = [];

    /// <summary>The address that the query came to, as metrics name it; null when no block takes the query.</summary>
    public string? Server { get; init; }

    /// <summary>The block that took it; null when none did.</summary>
    public PlannedBlock? Block { get; init; }

    /// <summary>The block's zone that the name is in.</summary>
    public DnsName Zone { get; init; } = DnsName.Root;

    /// <summary>The plugins that saw the query, in the order in which it came to them.</summary>
    public IReadOnlyList<TraceStep> Steps { get; init; } = [];

    /// <summary>The upstreams that were asked, <c>192.0.2.1:53 udp</c>; as far as they are counted.</summary>
    public IReadOnlyList<string> Upstreams { get; init; } = [];

    /// <summary>The plugins that were not ready in time.</summary>
    public IReadOnlyList<string> NotReady { get; init; } = [];

    /// <summary>The reply's octets; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Reply { get; init; }

    /// <summary>True when it is a copy of a running server that was asked, false for one that was started for the query.</summary>
    public bool IsOfRunning { get; init; }

    /// <summary>True when files of the configuration have changed since the running server read them.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>How long it all took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>True when no answer had come when patience ended.</summary>
    public bool TimedOut { get; init; }
}
