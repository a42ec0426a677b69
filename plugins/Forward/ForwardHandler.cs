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

    private readonly IdlePool<ForwardRun> _pool = new(MaxPooled);
    private readonly DnsFailure _tooMany;
    private readonly StripedCounter _rejects;
    private readonly StripedCounter _overload;
    private int _concurrent;
    private uint _robin;

    public ForwardHandler(ForwardOptions options, IDnsHandler next, DnsServices services, UpstreamRandom random)
    {
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
    public ForwardUpstream[] Upstreams { get; set; } = [];

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
            return new ValueTask<DnsOutcome>(query.Fail(_tooMany));
        }

        ForwardRun run = _pool.TryTake(out ForwardRun? idle) ? idle : new ForwardRun(this);
        return run.ForwardAsync(query);
    }

    /// <summary>Puts the indexes of all upstreams into the order to try them in.</summary>
    public void Order(Span<byte> order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = (byte)i;
        }

        switch (Options.Policy)
        {
            case ForwardPolicy.Random:
                Random.Shuffle(order);
                break;
            case ForwardPolicy.RoundRobin:
                // The chosen one goes first, the others keep their order.
                int first = (int)(Interlocked.Increment(ref _robin) % (uint)order.Length);
                for (int i = first; i > 0; i--)
                {
                    order[i] = (byte)(i - 1);
                }

                order[0] = (byte)first;
                break;
            default:
                break;
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
    public void Return(ForwardRun run) => _pool.Return(run);

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
