using MiniDns.Client;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <content>Whom to ask, and when to ask one more.</content>
internal sealed partial class ForwardRun
{
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
                    upstream.NoteFailure(other.Exchange);
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
            PutUp(next, upstream);
            if (next.TryStart(upstream, FirstProtocol()))
            {
                return true;
            }

            upstream.NoteFailure(next.Exchange);
            NoteFailure(upstream, next.Exchange);
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

            if (now - flying.Exchange.StartedAt >= flying.Upstream.State.RetryDelay)
            {
                flying.NoteLost();
            }

            isAnySilent |= flying.Upstream.State.IsSilent;
        }

        // A question that is taken for lost is asked again at once, one to a silent upstream elsewhere, and one to an upstream that has come
        // back since, too; one that is only late, as often as the budget allows, if any upstream is known to answer.
        UpstreamState state = latest.Upstream.State;
        long retryAt = latest.Exchange.StartedAt + (state.RetryDelay << (state.IsLossy ? 0 : Math.Min(_extras, 4)));
        bool isFree = now >= retryAt || (isAnySilent && IsAnyWell()) || state.BackAt > latest.Exchange.StartedAt;
        if (MayAskMore() && (isFree || (_upstreams.Length > 1 && IsAnyWell() && _handler.Budget.TryTake())) && TryStartNext(now))
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

    /// <summary>False when the directive bounds the tries of a query and as many are under way or have failed.</summary>
    private bool MayAskMore() => _handler.Options.MaxConnectAttempts is null or 0 || _failures + (uint)_count < _maxFailures;

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
        to.Exchange.KeepsCase = _own.Exchange.KeepsCase;
        to.Exchange.OffersFewCookies = _own.Exchange.OffersFewCookies;
    }

    private void PutUp(ForwardTry starting, ForwardUpstream upstream)
    {
        starting.Run = this;
        _flying[_count++] = starting;
        if (_query.Spans is { } spans)
        {
            starting.Span = spans.Begin("connect", _query.Span, isClient: true);
            spans.Tag(starting.Span, "peer.address", upstream.Upstream.Name);
        }
    }

    private void TakeDown(ForwardTry ended)
    {
        int index = Array.IndexOf(_flying, ended, 0, _count);
        _flying[index] = _flying[--_count];
        _flying[_count] = null;
        ended.Run = null;
        EndSpan(ended, ended.Exchange.Status == ExchangeStatus.Answered ? null : ended.Exchange.Status.ToString());
    }

    private void EndSpan(ForwardTry ended, string? error)
    {
        if (ended.Span != QuerySpans.None)
        {
            _query.Spans?.End(ended.Span, error);
            ended.Span = QuerySpans.None;
        }
    }

    /// <summary>Lets go of a try that is not under way.</summary>
    private void GiveBack(ForwardTry ended)
    {
        if (ended != _own && ended != _heldFrom)
        {
            _handler.Return(ended);
        }
    }
}
