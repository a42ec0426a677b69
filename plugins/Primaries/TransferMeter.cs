using MiniDns.Client.Transfers;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Primaries;

/// <summary>What is counted of transfers.</summary>
/// <param name="registry">Holds the counters.</param>
/// <param name="prefix">What their names begin with.</param>
internal sealed class TransferMeter(MetricRegistry registry, string prefix)
{
    private const string TransfersHelp = "Transfers from primaries, by type and result.";
    private const string ChecksHelp = "Questions for a primary's SOA record, by result.";
    private const string NotifiesHelp = "Notifications of changes, by result.";

    private readonly StripedCounter _full = registry.Counter(prefix + "_transfers_total", TransfersHelp, ("type", "AXFR"), ("result", "success"));
    private readonly StripedCounter _fullFailed = registry.Counter(prefix + "_transfers_total", TransfersHelp, ("type", "AXFR"), ("result", "failure"));
    private readonly StripedCounter _changes = registry.Counter(prefix + "_transfers_total", TransfersHelp, ("type", "IXFR"), ("result", "success"));
    private readonly StripedCounter _changesFailed = registry.Counter(prefix + "_transfers_total", TransfersHelp, ("type", "IXFR"), ("result", "failure"));

    /// <summary>Primaries that had a newer version.</summary>
    public StripedCounter Newer { get; } = registry.Counter(prefix + "_checks_total", ChecksHelp, ("result", "newer"));

    /// <summary>Primaries that had the version that we have.</summary>
    public StripedCounter Current { get; } = registry.Counter(prefix + "_checks_total", ChecksHelp, ("result", "current"));

    /// <summary>Primaries that had an older version.</summary>
    public StripedCounter Older { get; } = registry.Counter(prefix + "_checks_total", ChecksHelp, ("result", "older"));

    /// <summary>Primaries that could not be asked.</summary>
    public StripedCounter Failed { get; } = registry.Counter(prefix + "_checks_total", ChecksHelp, ("result", "failure"));

    /// <summary>Zones that became too old to be served.</summary>
    public StripedCounter Expired { get; } = registry.Counter(prefix + "_expirations_total", "Zones that were not confirmed in time and stopped being served.");

    /// <summary>Notifications from primaries.</summary>
    public StripedCounter Notified { get; } = registry.Counter(prefix + "_notifies_total", NotifiesHelp, ("result", "accepted"));

    /// <summary>Notifications from others.</summary>
    public StripedCounter NotifyRefused { get; } = registry.Counter(prefix + "_notifies_total", NotifiesHelp, ("result", "refused"));

    /// <summary>Counts a transfer.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="isGood">Whether its result is served.</param>
    public void Transferred(TransferKind asked, bool isGood) =>
        (asked == TransferKind.Incremental ? (isGood ? _changes : _changesFailed) : (isGood ? _full : _fullFailed)).Increment();
}
