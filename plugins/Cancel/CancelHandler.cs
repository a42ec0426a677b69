using MiniDns.Queries;

namespace MiniDns.Plugins.Cancel;

/// <summary>Sends no reply to a client that has stopped listening.</summary>
internal sealed class CancelHandler(IDnsHandler next, TimeSpan timeout, TimeProvider time) : WrappingHandler(next)
{
    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome) =>
        time.GetElapsedTime(query.ReceivedAt) >= timeout ? DnsOutcome.Dropped : outcome;
}
