using MiniDns.Diagnostics;

namespace MiniDns.Server.Pipeline;

/// <summary>Counts the queries that are under way in the chains of one plan, so that its components outlive them.</summary>
/// <remarks>Queries that a UDP worker answers at once are not counted: for those, the worker itself says which routes it is using.</remarks>
internal sealed class PlanUse
{
    private readonly StripedCounter _entered = new();
    private readonly StripedCounter _left = new();

    /// <summary>True when no counted query is under way; meaningful once no new ones can enter.</summary>
    public bool IsIdle
    {
        get
        {
            // In this order: a query that leaves between the two readings must not hide one that entered.
            long left = _left.Value;
            return left == _entered.Value;
        }
    }

    /// <summary>A query is under way.</summary>
    public void Enter() => _entered.Increment();

    /// <summary>A query is done.</summary>
    public void Leave() => _left.Increment();
}
