using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Transfer;

/// <summary>Counts notifications.</summary>
internal sealed class NotifyMeter(MetricRegistry metrics)
{
    private const string Name = "minidns_transfer_notifications_total";
    private const string Help = "Zone changes that a secondary was to be told of, by what came of it.";

    private readonly StripedCounter _sent = metrics.Counter("minidns_transfer_notify_messages_total", "NOTIFY messages sent, repetitions included.");
    private readonly StripedCounter _accepted = metrics.Counter(Name, Help, ("result", "accepted"));
    private readonly StripedCounter _rejected = metrics.Counter(Name, Help, ("result", "rejected"));
    private readonly StripedCounter _unanswered = metrics.Counter(Name, Help, ("result", "unanswered"));
    private readonly StripedCounter _dropped = metrics.Counter(Name, Help, ("result", "dropped"));

    /// <summary>A message was sent.</summary>
    public void Sent() => _sent.Increment();

    /// <summary>The secondary answered NOERROR.</summary>
    public void Accepted() => _accepted.Increment();

    /// <summary>The secondary answered something else.</summary>
    public void Rejected() => _rejected.Increment();

    /// <summary>The secondary did not answer.</summary>
    public void Unanswered() => _unanswered.Increment();

    /// <summary>Too many zones were waiting; the secondary was not told.</summary>
    public void Dropped() => _dropped.Increment();
}
