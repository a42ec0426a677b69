using System.Threading.Tasks.Sources;
using MiniDns.Client;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>One query on its way through the upstreams. Pooled: a forwarded query allocates nothing.</summary>
/// <remarks>
/// Written as callbacks rather than as an async method, so that it is its own <see cref="ValueTask{TResult}"/> and an answer is
/// finished on the thread that received it. Several tries may be under way, each ended by a thread of its own, so everything that
/// changes is guarded by one lock; the query is completed outside of it, once, by whoever met the end. What is then still under way is
/// let go: it ends without this run.
/// </remarks>
internal sealed partial class ForwardRun : IValueTaskSource<DnsOutcome>
{
    // RFC 8914 §4.1, §4.15, §4.23, §4.24.
    private const ushort OtherError = 0;
    private const ushort NotReady = 14;
    private const ushort NoReachableAuthority = 22;
    private const ushort NetworkError = 23;

    private static readonly DnsFailure NoUpstream = new(DnsResponseCode.ServerFailure, "no upstream is healthy");
    private static readonly DnsFailure NotStarted = new(DnsResponseCode.ServerFailure, "the upstreams are not known yet");
    private static readonly DnsFailure Looping = new(DnsResponseCode.ServerFailure, "every upstream sends queries back here");

    // However many tries the configuration allows: a refusal comes back in microseconds.
    private const int MaxTries = 200;

    private readonly ForwardHandler _handler;
    private readonly Lock _lock = new();
    private readonly ForwardTry?[] _flying = new ForwardTry?[ForwardOptions.MaxAtOnce];
    private ManualResetValueTaskSourceCore<DnsOutcome> _core;
    private ForwardTry? _own;
    private ForwardTry? _heldFrom;
    private ForwardUpstream[] _upstreams = [];
    private byte[] _order = [];
    private DnsQuery _query = null!;
    private ForwardUpstream? _answeredBy;
    private DnsFailure? _failure;
    private Exception? _fault;
    private DnsOutcome _outcome;
    private Held _held;
    private ushort _extendedError;
    private bool _isRewritten;
    private bool _isEnded;
    private bool _isToChain;
    private bool _isFailingOver;
    private bool _isCountedDown;
    private int _count;
    private int _next;
    private int _failovers;
    private int _extras;
    private int _cutFailures;
    private uint _failures;
    private uint _maxFailures;
    private long _startedAt;
    private long _paceAt = long.MaxValue;

    public ForwardRun(ForwardHandler handler) => _handler = handler;

    /// <summary>When <see cref="Pace"/> is to be called; <see cref="long.MaxValue"/> for never.</summary>
    public long PaceAt => Volatile.Read(ref _paceAt);

    /// <summary>Whose queries it forwards.</summary>
    public ForwardHandler Handler => _handler;

    /// <summary>The run's place among those that the pacer looks at.</summary>
    public int PacerIndex { get; set; } = -1;

    /// <summary>Forwards a query.</summary>
    public ValueTask<DnsOutcome> ForwardAsync(DnsQuery query)
    {
        // Read before the first try: after it this object may have ended and begun anew on another thread.
        short version = _core.Version;
        bool isEnded;
        bool isPaced;
        lock (_lock)
        {
            Begin(query);
            Launch();
            isEnded = _isEnded;
            isPaced = _paceAt != long.MaxValue;
        }

        if (isPaced)
        {
            _handler.WakePacer();
        }

        if (isEnded)
        {
            Publish();
        }

        return new ValueTask<DnsOutcome>(this, version);
    }

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
            _query = null!;
            _handler.Return(this);
        }
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <summary>True when the query was given up: the tries for it may end.</summary>
    public bool IsAbandoned => _query is { IsAbandoned: true };

    /// <summary>Takes in how a try ended.</summary>
    /// <returns>False when the try is none of this run's any more.</returns>
    public bool TryFinish(ForwardTry done, long now)
    {
        bool isEnded;
        lock (_lock)
        {
            if (done.Run != this)
            {
                return false;
            }

            try
            {
                Take(done, now);
            }
            catch (Exception fault) when (!_isEnded)
            {
                Fail(fault);
            }

            isEnded = _isEnded;
        }

        if (isEnded)
        {
            Publish();
        }

        return true;
    }

    /// <summary>Asks one more upstream, or stops waiting for a better answer: it has been long.</summary>
    public void Pace(long now)
    {
        bool isEnded;
        lock (_lock)
        {
            if (_isEnded || now < _paceAt)
            {
                return;
            }

            try
            {
                if (_held == Held.Error && !_isFailingOver)
                {
                    Complete(_heldFrom!);
                }
                else
                {
                    AskOneMore(now);
                }
            }
            catch (Exception fault) when (!_isEnded)
            {
                Fail(fault);
            }

            isEnded = _isEnded;
        }

        if (isEnded)
        {
            Publish();
        }
    }

    /// <summary>Has <see cref="Pace"/> called at a time, if it would be called later. For any thread.</summary>
    public void Hurry(long at)
    {
        long before = PaceAt;
        if (before != long.MaxValue && before > at)
        {
            // If the run has gone on meanwhile, it knows better.
            Interlocked.CompareExchange(ref _paceAt, at, before);
        }
    }

    private void Fail(Exception fault)
    {
        _fault = fault;
        End(DnsOutcome.Replied);
    }

    private void Begin(DnsQuery query)
    {
        _query = query;
        _upstreams = _handler.Upstreams;
        _answeredBy = null;
        _failure = null;
        _fault = null;
        _extendedError = NoReachableAuthority;
        _held = Held.Nothing;
        _isEnded = false;
        _isToChain = false;
        _isFailingOver = false;
        _isCountedDown = false;
        _next = 0;
        _failovers = 0;
        _extras = 0;
        _cutFailures = 0;
        _failures = 0;
        _maxFailures = _handler.Options.MaxConnectAttempts switch
        {
            null => 2 * (uint)_upstreams.Length,
            0 => MaxTries,
            uint limit => Math.Min(limit, MaxTries),
        };
        _startedAt = _handler.Time.GetTimestamp();
        _paceAt = long.MaxValue;
        if (_order.Length != _upstreams.Length)
        {
            _order = new byte[_upstreams.Length];
        }
    }

    private void Launch()
    {
        if (_upstreams.Length == 0)
        {
            _failure = NotStarted;
            _extendedError = NotReady;
            GiveUp();
            return;
        }

        bool isAnyUnwell = _handler.Order(_order, _upstreams);
        _isRewritten = ForwardMessage.IsRewritten(_query);
        _own ??= _handler.TakeTry();
        ForwardMessage.Write(_query, _isRewritten, _handler.Options.PassSubnets, _own.Exchange);
        int wanted = _handler.Options.Policy == ForwardPolicy.Race ? Math.Min(_handler.Options.RaceSize, _upstreams.Length) : 1;
        for (int i = 0; i < wanted; i++)
        {
            if (!TryStartNext(_startedAt))
            {
                break;
            }
        }

        if (_count == 0)
        {
            GiveUp();
            return;
        }

        if (isAnyUnwell || _handler.Options.Policy == ForwardPolicy.Fastest)
        {
            Explore();
        }

        if (_handler.Options.IsHedging)
        {
            ForwardTry first = _flying[_count - 1]!;
            bool isAlone = _upstreams.Length == 1;
            if (!isAlone || first.Exchange.Protocol == UpstreamProtocol.Udp)
            {
                SetPace(_startedAt + (isAlone ? first.Upstream.State.RetryDelay : first.Upstream.State.HedgeDelay));
            }
        }
    }

    /// <summary>From here on nothing that is under way concerns the query.</summary>
    private void End(DnsOutcome outcome)
    {
        _outcome = outcome;
        _isEnded = true;
        SetPace(long.MaxValue);
        for (int i = 0; i < _count; i++)
        {
            ForwardTry flying = _flying[i]!;
            _flying[i] = null;
            flying.Run = null;
            EndSpan(flying, "another answer came first");
            if (flying == _own)
            {
                _own = null;
            }

            if (flying == _heldFrom)
            {
                _heldFrom = null;
            }
        }

        _count = 0;
        Release();
    }

    private void Publish()
    {
        _handler.Leave();
        if (_fault is { } fault)
        {
            _core.SetException(fault);
        }
        else if (_isToChain)
        {
            Chain(((ForwardHandler)_handler.Next).HandleAsync(_query));
        }
        else
        {
            _handler.Note(_query, _answeredBy);

            // The last access: the continuation runs inside, reads the outcome and returns this object to the pool.
            _core.SetResult(_outcome);
        }
    }

    private void Chain(ValueTask<DnsOutcome> rest)
    {
        if (rest.IsCompletedSuccessfully)
        {
            _core.SetResult(rest.Result);
        }
        else
        {
            _ = ChainAsync(rest);
        }
    }

    private async Task ChainAsync(ValueTask<DnsOutcome> rest)
    {
        DnsOutcome outcome;
        try
        {
            outcome = await rest.ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _core.SetException(fault);
            return;
        }

        _core.SetResult(outcome);
    }
}
