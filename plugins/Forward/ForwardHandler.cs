using MiniDns.Client;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>Sends queries to upstreams and gives their answers back.</summary>
internal sealed class ForwardHandler : IDnsHandler
{
    private const int MaxPooled = 16_384;

    // RFC 8914 §4.1.
    private const ushort OtherError = 0;

    // Milliseconds between the queries that upstreams are sent to learn how they are.
    private const int UnwellExploration = 100;
    private const int WellExploration = 1000;

    private readonly IdlePool<ForwardRun> _pool = new(MaxPooled);
    private readonly IdlePool<ForwardTry> _tries = new(MaxPooled);
    private readonly DnsFailure _tooMany;
    private readonly StripedCounter _rejects;
    private readonly StripedCounter _overload;
    private ForwardUpstream[] _upstreams = [];
    private int _concurrent;
    private uint _robin;

    /// <summary>Makes the handler of a directive; upstreams and pacer come when the server starts.</summary>
    /// <param name="options">What the directive says.</param>
    /// <param name="next">The rest of the chain.</param>
    /// <param name="services">Clock and metrics.</param>
    /// <param name="random">Ids and choices.</param>
    public ForwardHandler(ForwardOptions options, IDnsHandler next, DnsServices services, UpstreamRandom random)
    {
        Budget = new HedgeBudget(options.HedgeShare);
        Options = options;
        Next = next;
        Time = services.Time;
        Random = random;
        Cleaner = new AnswerCleaner(options, services.Metrics);
        _tooMany = new DnsFailure(DnsResponseCode.Refused, $"concurrent queries exceeded maximum {options.MaxConcurrent}");
        _rejects = services.Metrics.Counter(
            "coredns_forward_max_concurrent_rejects_total",
            "Queries refused because as many as max_concurrent allows were under way.");
        _overload = services.Metrics.Counter("minidns_overload_drops_total", "Queries dropped because too many were waiting.", ("reason", "full"));
        AllDown = services.Metrics.Counter(
            "coredns_forward_healthcheck_broken_total",
            "How often all upstreams were down when a query came.");
    }

    public ForwardOptions Options { get; }

    public IDnsHandler Next { get; }

    public TimeProvider Time { get; }

    public UpstreamRandom Random { get; }

    public StripedCounter AllDown { get; }

    public AnswerCleaner Cleaner { get; }

    /// <summary>The upstreams; none before the server has started.</summary>
    public ForwardUpstream[] Upstreams
    {
        get => Volatile.Read(ref _upstreams);
        set => Volatile.Write(ref _upstreams, value);
    }

    /// <summary>What looks after queries that wait; null while the server does not run.</summary>
    public ForwardPacer? Pacer { get; set; }

    /// <summary>Where a query keeps who answered it; null when nobody wants to know.</summary>
    public QuerySlot<ForwardUpstream>? Slot { get; init; }

    /// <summary>Looks at answers; null when the directive asks for nothing of the kind.</summary>
    public ForwardReviser? Reviser { get; init; }

    /// <summary>How many queries may be sent to a second upstream.</summary>
    public HedgeBudget Budget { get; }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (!Takes(query.LowerName))
        {
            return Next.HandleAsync(query);
        }

        if (!query.MayWait)
        {
            _overload.Increment();
            return new ValueTask<DnsOutcome>(DnsOutcome.Dropped);
        }

        if (Options.MaxConcurrent > 0 && Interlocked.Increment(ref _concurrent) > Options.MaxConcurrent)
        {
            Interlocked.Decrement(ref _concurrent);
            _rejects.Increment();
            DnsOutcome refused = query.Fail(_tooMany);
            query.Response.AddExtendedError(OtherError, "too many queries are under way"u8);
            return new ValueTask<DnsOutcome>(refused);
        }

        ForwardRun run = _pool.TryTake(out ForwardRun? idle) ? idle : new ForwardRun(this);
        if (Options.IsHedging)
        {
            Budget.Note();
            if (run.PacerIndex < 0)
            {
                Pacer?.Add(run);
            }
        }

        ValueTask<DnsOutcome> pending = run.ForwardAsync(query);
        return Reviser is { } reviser && reviser.Concerns(query) ? reviser.ReviseAsync(query, pending) : pending;
    }

    /// <summary>Puts the indexes of all upstreams into the order to try them in: as the policy says, those that are not well last.</summary>
    /// <returns>True when some are not well.</returns>
    public bool Order(Span<byte> order, ForwardUpstream[] upstreams) => ForwardOrder.Fill(order, upstreams, Options.Policy, Random, ref _robin);

    /// <summary>Whether it is time to ask an upstream beside others, to learn how it is.</summary>
    public bool IsToBeExplored(ForwardUpstream upstream, long now)
    {
        if (upstream.IsOff)
        {
            return false;
        }

        return ForwardOrder.IsUnwell(upstream)
            ? upstream.State.TryBeginProbe(now, UnwellExploration)
            : Options.Policy == ForwardPolicy.Fastest && upstream.State.TryBeginProbe(now, WellExploration) && Budget.TryTake();
    }

    /// <summary>A try to use; it is empty.</summary>
    public ForwardTry TakeTry() => _tries.TryTake(out ForwardTry? idle) ? idle : new ForwardTry(this);

    /// <summary>A query has written down when it is to be looked at.</summary>
    public void WakePacer() => Pacer?.Wake();

    /// <summary>Notes who answered a query.</summary>
    public void Note(DnsQuery query, ForwardUpstream? upstream)
    {
        if (Slot is { } slot)
        {
            query.Slot(slot) = upstream;
        }
    }

    /// <summary>A query under way has ended.</summary>
    public void Leave()
    {
        if (Options.MaxConcurrent > 0)
        {
            Interlocked.Decrement(ref _concurrent);
        }
    }

    /// <summary>Takes a run back whose outcome has been read.</summary>
    public void Return(ForwardRun run)
    {
        if (!_pool.Return(run))
        {
            Pacer?.Remove(run);
        }
    }

    /// <summary>Takes a try back that nobody waits for.</summary>
    public void Return(ForwardTry done) => _tries.Return(done);

    private bool Takes(DnsNameView name)
    {
        IReadOnlyList<DnsName> from = Options.From;
        for (int i = 0; i < from.Count; i++)
        {
            if (name.IsSubdomainOf(from[i].View))
            {
                // The zone itself is forwarded even when a parent of it is excepted.
                return name.Length == from[i].Length || !IsExcepted(name);
            }
        }

        return false;
    }

    private bool IsExcepted(DnsNameView name)
    {
        IReadOnlyList<DnsName> except = Options.Except;
        for (int i = 0; i < except.Count; i++)
        {
            if (name.IsSubdomainOf(except[i].View))
            {
                return true;
            }
        }

        return false;
    }
}
