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
internal sealed class ForwardRun : IValueTaskSource<DnsOutcome>
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

    /// <summary>What of an answer is kept while a better one may still come.</summary>
    private enum Held : byte
    {
        Nothing,

        /// <summary>An error code, or one with which the next upstream is asked.</summary>
        Error,

        /// <summary>What came over UDP and was cut.</summary>
        Cut,
    }

    /// <summary>What an answer is good for.</summary>
    private enum Verdict : byte
    {
        /// <summary>Nothing: it is malformed, or there was none.</summary>
        Useless,

        /// <summary>It is kept, or a better one is.</summary>
        Kept,

        /// <summary>It is the answer.</summary>
        Final,
    }

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

    /// <summary>Asks upstreams too that are not believed to work, or have not been heard of for long, now and then: nobody waits for their
    /// answers, which tell how they are (the half-open state of a circuit breaker).</summary>
    private void Explore()
    {
        foreach (ForwardUpstream upstream in _upstreams)
        {
            if (!IsAsking(upstream) && _handler.IsToBeExplored(upstream, _startedAt))
            {
                ForwardTry other = _handler.TakeTry();
                CopyRequest(other);
                if (other.TryStart(upstream, FirstProtocol()))
                {
                    upstream.NoteExtra();
                }
                else
                {
                    upstream.NoteFailure(other.Exchange.Status);
                    _handler.Return(other);
                }
            }
        }
    }

    private bool IsAsking(ForwardUpstream upstream)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_flying[i]!.Upstream == upstream)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Starts the next try.</summary>
    /// <returns>False when none could be started.</returns>
    private bool TryStartNext(long now)
    {
        while (_count < _flying.Length && _failures < _maxFailures && _handler.Time.GetElapsedTime(_startedAt, now) < ForwardOptions.QueryTimeout)
        {
            if (Choose() is not { } upstream)
            {
                return false;
            }

            ForwardTry next = TakeTry();
            PutUp(next);
            if (next.TryStart(upstream, FirstProtocol()))
            {
                return true;
            }

            ExchangeStatus status = next.Exchange.Status;
            upstream.NoteFailure(status);
            NoteFailure(upstream, status);
            TakeDown(next);
            GiveBack(next);
            now = _handler.Time.GetTimestamp();
        }

        return false;
    }

    /// <summary>The next upstream in order; those that are down are passed over while others are not.</summary>
    private ForwardUpstream? Choose()
    {
        for (int i = 0; i < _order.Length; i++)
        {
            ForwardUpstream candidate = _upstreams[_order[_next++ % _order.Length]];
            if (!candidate.IsDown && !candidate.IsOff)
            {
                return candidate;
            }
        }

        if (!_isCountedDown)
        {
            _isCountedDown = true;
            _handler.AllDown.Increment();
        }

        // When all are down, perhaps it is the checks that do not work. One that loops is certainly none to ask.
        int first = _handler.Random.Below(_upstreams.Length);
        bool isAnyOn = false;
        for (int i = 0; i < _upstreams.Length; i++)
        {
            ForwardUpstream candidate = _upstreams[(first + i) % _upstreams.Length];
            isAnyOn |= !candidate.IsOff;
            if (!candidate.IsOff && !_handler.Options.FailFast)
            {
                return candidate;
            }
        }

        if (!isAnyOn)
        {
            _failure = Looping;
            _extendedError = OtherError;
        }

        return null;
    }

    private UpstreamProtocol FirstProtocol()
    {
        if (_handler.Options.ForceTcp)
        {
            return UpstreamProtocol.Tcp;
        }

        return _handler.Options.PreferUdp || _query.Transport is DnsTransport.Udp or DnsTransport.Internal ? UpstreamProtocol.Udp : UpstreamProtocol.Tcp;
    }

    /// <summary>Decides what follows from the end of a try.</summary>
    private void Take(ForwardTry done, long now)
    {
        TakeDown(done);
        ExchangeStatus status = done.Exchange.Status;
        Verdict verdict = status == ExchangeStatus.Answered ? Judge(done, now) : Verdict.Useless;
        if (verdict == Verdict.Final)
        {
            Complete(done);
        }
        else if (verdict == Verdict.Useless)
        {
            NoteFailure(done.Upstream, status);
        }

        bool wasCut = done.IsSecond;
        if (done.Run is null)
        {
            GiveBack(done);
        }

        if (_isEnded || _count > 0)
        {
            return;
        }

        // Over TCP it did not work out: another upstream may do better, else what was cut says itself that it is not all.
        bool mayTry = !wasCut || (_cutFailures++ == 0 && (_upstreams.Length > 1 || status == ExchangeStatus.Closed));
        if (mayTry && TryStartNext(now))
        {
            SetPaceAfter(now);
        }
        else if (_held != Held.Nothing)
        {
            Complete(_heldFrom!);
        }
        else
        {
            GiveUp();
        }
    }

    /// <summary>Looks at an answer, and keeps it when a better one may come.</summary>
    private Verdict Judge(ForwardTry done, long now)
    {
        ReadOnlySpan<byte> message = done.Exchange.Response;
        Held rank = RankOf(done, message);
        if (rank != Held.Nothing && rank < _held)
        {
            return Verdict.Kept;
        }

        Release();
        if (!_query.Response.SetWire(message) || !_handler.Cleaner.TryClean(_query, message) || (_isRewritten && !_query.Response.TryMaterialize()))
        {
            return Verdict.Useless;
        }

        if (rank == Held.Nothing)
        {
            return Verdict.Final;
        }

        _held = rank;
        _heldFrom = done;
        if (rank == Held.Cut)
        {
            PutUp(done);
            if (done.TryStartSecond())
            {
                return Verdict.Kept;
            }

            TakeDown(done);
            return Verdict.Final;
        }

        // With failover the next upstream is asked; without, the others that were asked may do better if they hurry.
        _isFailingOver = Contains(_handler.Options.Failover, _query.Response.Code) && ++_failovers < _upstreams.Length;
        if (!_isFailingOver && _count > 0)
        {
            SetPace(now + done.Upstream.State.HedgeDelay);
        }

        return _isFailingOver || _count > 0 ? Verdict.Kept : Verdict.Final;
    }

    private Held RankOf(ForwardTry done, ReadOnlySpan<byte> message)
    {
        DnsHeader.TryRead(message, out DnsHeader header);
        if (header.IsTruncated && done.Exchange.Protocol == UpstreamProtocol.Udp)
        {
            return Held.Cut;
        }

        // YXDOMAIN is what a DNAME gives when its expansion is too long: an answer.
        bool isError = header.ResponseCode is not (DnsResponseCode.NoError or DnsResponseCode.NameError or DnsResponseCode.NameExists);
        return isError || Contains(_handler.Options.Failover, header.ResponseCode) ? Held.Error : Held.Nothing;
    }

    /// <summary>Keeps no answer any more.</summary>
    private void Release()
    {
        _held = Held.Nothing;
        if (_heldFrom is { } from)
        {
            _heldFrom = null;
            if (from.Run is null)
            {
                GiveBack(from);
            }
        }
    }

    /// <summary>The answer that the response holds becomes the reply, or the next forward is asked.</summary>
    private void Complete(ForwardTry from)
    {
        ForwardOptions options = _handler.Options;
        DnsResponseCode code = _query.Response.Code;
        _answeredBy = from.Upstream;
        if (_handler.Next is ForwardHandler && (Contains(options.Next, code) || (options.NextOnNoData && IsNoData(code, from))))
        {
            _query.Response.Clear();
            _isToChain = true;
        }
        else
        {
            ForwardMessage.TakeOptions(_query, from.Exchange.Response);
        }

        End(DnsOutcome.Replied);
    }

    private static bool IsNoData(DnsResponseCode code, ForwardTry from) =>
        code == DnsResponseCode.NoError && DnsHeader.TryRead(from.Exchange.Response, out DnsHeader header) && header.AnswerCount == 0;

    private static bool Contains(IReadOnlyList<DnsResponseCode> codes, DnsResponseCode code)
    {
        for (int i = 0; i < codes.Count; i++)
        {
            if (codes[i] == code)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends the query to one more upstream while it waits for others, when the budget or the upstreams' silence allows.</summary>
    private void AskOneMore(long now)
    {
        ForwardTry latest = _flying[_count - 1]!;
        bool isAnySilent = false;
        for (int i = 0; i < _count; i++)
        {
            ForwardTry flying = _flying[i]!;
            if (!flying.IsOverdue && now - flying.Exchange.StartedAt >= flying.Upstream.State.HedgeDelay)
            {
                flying.IsOverdue = true;
                flying.Upstream.NoteOverdue(now);
            }

            isAnySilent |= flying.Upstream.State.IsSilent;
        }

        // A question that is taken for lost is asked again at once, and one to a silent upstream elsewhere; one that is only late, as
        // often as the budget allows.
        long retryAt = latest.Exchange.StartedAt + (latest.Upstream.State.RetryDelay << Math.Min(_extras, 4));
        bool isFree = now >= retryAt || (isAnySilent && IsAnyWell());
        if ((isFree || (_upstreams.Length > 1 && _handler.Budget.TryTake())) && TryStartNext(now))
        {
            _extras++;
            _flying[_count - 1]!.Upstream.NoteExtra();
            SetPaceAfter(now);
        }
        else
        {
            SetPace(Math.Max(retryAt, now + latest.Upstream.State.HedgeDelay));
        }
    }

    private bool IsAnyWell()
    {
        foreach (ForwardUpstream upstream in _upstreams)
        {
            if (!upstream.State.IsSilent && !upstream.IsDown && !upstream.IsOff)
            {
                return true;
            }
        }

        return false;
    }

    private void SetPaceAfter(long now)
    {
        if (_handler.Options.IsHedging && _paceAt != long.MaxValue)
        {
            UpstreamState state = _flying[_count - 1]!.Upstream.State;
            SetPace(now + (_extras <= 1 && _upstreams.Length > 1 ? state.HedgeDelay : state.RetryDelay));
        }
    }

    private void SetPace(long at) => Volatile.Write(ref _paceAt, at);

    private ForwardTry TakeTry()
    {
        ForwardTry own = _own!;
        if (own.Run is null && _heldFrom != own)
        {
            return own;
        }

        ForwardTry other = _handler.TakeTry();
        CopyRequest(other);
        return other;
    }

    private void CopyRequest(ForwardTry to)
    {
        ReadOnlySpan<byte> request = _own!.Exchange.Request;
        request.CopyTo(to.Exchange.BeginRequest(request.Length));
        to.Exchange.SetRequest(request.Length);
    }

    private void PutUp(ForwardTry starting)
    {
        starting.Run = this;
        _flying[_count++] = starting;
    }

    private void TakeDown(ForwardTry ended)
    {
        int index = Array.IndexOf(_flying, ended, 0, _count);
        _flying[index] = _flying[--_count];
        _flying[_count] = null;
        ended.Run = null;
    }

    /// <summary>Lets go of a try that is not under way.</summary>
    private void GiveBack(ForwardTry ended)
    {
        if (ended != _own && ended != _heldFrom)
        {
            _handler.Return(ended);
        }
    }

    private void NoteFailure(ForwardUpstream upstream, ExchangeStatus status)
    {
        _failures++;
        _failure = upstream.FailureFor(status);
        _extendedError = status switch
        {
            ExchangeStatus.TimedOut or ExchangeStatus.Busy => NoReachableAuthority,
            ExchangeStatus.Stopped => NotReady,
            _ => NetworkError,
        };
    }

    private void GiveUp()
    {
        DnsOutcome outcome = _query.Fail(_failure ?? NoUpstream);
        _query.Response.AddExtendedError(_extendedError, _failure == Looping ? "forwarding loop"u8 : default);
        End(outcome);
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
