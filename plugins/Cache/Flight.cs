using System.Threading.Tasks.Sources;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>A question that the rest of the chain is working on, with everybody who waits for the answer.</summary>
/// <remarks>
/// For a miss it is also what an async method's state would be for the query that leads, written out so that it can be pooled.
/// Its key is a copy: handlers behind the cache may change the question while they work on it.
/// </remarks>
internal sealed class Flight : IValueTaskSource<DnsOutcome>, IQueryWait
{
    private readonly FlightTable _table;
    private readonly byte[] _name = new byte[DnsNameView.MaxLength];
    private readonly Action _continue;
    private ManualResetValueTaskSourceCore<DnsOutcome> _core;
    private System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable<DnsOutcome>.ConfiguredValueTaskAwaiter _rest;
    private Func<Flight, DnsOutcome, DnsOutcome>? _land;
    private int _nameLength;

    public Flight(FlightTable table)
    {
        _table = table;
        _continue = Continue;
    }

    /// <summary>The key's hash.</summary>
    public ulong Hash { get; private set; }

    /// <summary>The key's type, class, DO and CD.</summary>
    public ulong Selector { get; private set; }

    /// <summary>How many queries of the server itself led to the one that is asked.</summary>
    public int Depth { get; private set; }

    /// <summary>The client's query that is on its way; null when the cache asks with one of its own.</summary>
    public DnsQuery? Leader { get; private set; }

    /// <summary>The hash of the leader's name when it came to the cache.</summary>
    public ulong NameHash { get; private set; }

    /// <summary>The leader's header flags when it came to the cache.</summary>
    public ushort AskedFlags { get; private set; }

    /// <summary>True while others may join. Guarded by the table's lock for the hash, as are all members below.</summary>
    public bool IsListed { get; set; }

    /// <summary>The next flight in the same bucket of the table.</summary>
    public Flight? NextInBucket { get; set; }

    /// <summary>The one who has waited longest.</summary>
    public FlightWaiter? First { get; set; }

    /// <summary>The one who came last.</summary>
    public FlightWaiter? Last { get; set; }

    /// <summary>How many wait.</summary>
    public int WaiterCount { get; set; }

    /// <summary>Begins a life.</summary>
    public void Begin(DnsQuery asking, in CacheKey key, DnsQuery? leader)
    {
        Hash = key.Hash;
        Selector = key.Selector;
        NameHash = asking.NameHash;
        AskedFlags = asking.Header.Flags;
        Depth = asking.Depth;
        Leader = leader;
        _nameLength = key.Name.Length;
        key.Name.Wire.CopyTo(_name);
    }

    /// <summary>Ends a life.</summary>
    public void End() => Leader = null;

    /// <summary>True when the flight asks what the key stands for.</summary>
    public bool Matches(in CacheKey key) =>
        Hash == key.Hash && Selector == key.Selector && key.Name.Wire.SequenceEqual(_name.AsSpan(0, _nameLength));

    /// <summary>Waits for the rest of the chain, for the leader.</summary>
    /// <param name="rest">What the rest of the chain will say.</param>
    /// <param name="land">Makes the leader's reply and those of the others; must not throw.</param>
    public ValueTask<DnsOutcome> WaitAsync(ValueTask<DnsOutcome> rest, Func<Flight, DnsOutcome, DnsOutcome> land)
    {
        // Read first: the rest may end on another thread before this method does.
        short version = _core.Version;
        _land = land;
        _rest = rest.ConfigureAwait(false).GetAwaiter();
        _rest.UnsafeOnCompleted(_continue);
        return new ValueTask<DnsOutcome>(this, version);
    }

    /// <inheritdoc/>
    public bool TryLetGo(DnsQuery query) => _table.TryRetire(this);

    /// <inheritdoc/>
    public DnsOutcome GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _table.Return(this);
        }
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Continue()
    {
        Func<Flight, DnsOutcome, DnsOutcome> land = _land!;
        DnsOutcome outcome;
        try
        {
            outcome = _rest.GetResult();
            _rest = default;
            outcome = land(this, outcome);
        }
        catch (Exception e)
        {
            _rest = default;
            _table.Crash(this);
            _core.SetException(e);
            return;
        }

        // The last access: whoever waits reads the outcome inside, which returns this object to the pool.
        _core.SetResult(outcome);
    }
}
