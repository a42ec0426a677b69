using System.Threading.Tasks.Sources;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>A query that waits for a flight that another one leads. Pooled.</summary>
internal sealed class FlightWaiter(FlightTable table) : IValueTaskSource<DnsOutcome>, IQueryWait
{
    private ManualResetValueTaskSourceCore<DnsOutcome> _core;

    /// <summary>The query.</summary>
    public DnsQuery Query { get; private set; } = null!;

    /// <summary>What it waits for; null once it is about to end. Guarded by the table's lock, as are the neighbours.</summary>
    public Flight? Flight { get; set; }

    /// <summary>The one that came before it.</summary>
    public FlightWaiter? Previous { get; set; }

    /// <summary>The one that came after it.</summary>
    public FlightWaiter? Next { get; set; }

    /// <summary>Begins to wait. Under the table's lock.</summary>
    public ValueTask<DnsOutcome> WaitAsync(DnsQuery query)
    {
        Query = query;
        query.Wait = this;
        return new ValueTask<DnsOutcome>(this, _core.Version);
    }

    /// <summary>Ends the wait; the query is its transport's again, and this object the pool's.</summary>
    public void Complete(DnsOutcome outcome)
    {
        Query.Wait = null;
        Query = null!;
        _core.SetResult(outcome);
    }

    /// <inheritdoc/>
    public bool TryLetGo(DnsQuery query)
    {
        if (!table.TryLeave(this, query))
        {
            return false;
        }

        Complete(DnsOutcome.Dropped);
        return true;
    }

    /// <inheritdoc/>
    public DnsOutcome GetResult(short token)
    {
        DnsOutcome outcome = _core.GetResult(token);
        _core.Reset();
        table.Return(this);
        return outcome;
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
