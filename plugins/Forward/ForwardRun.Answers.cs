using MiniDns.Client;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <content>What becomes of answers and failures.</content>
internal sealed partial class ForwardRun
{
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

    /// <summary>Decides what follows from the end of a try.</summary>
    private void Take(ForwardTry done, long now)
    {
        TakeDown(done);
        if (_query.IsAbandoned)
        {
            // Given up because too many wait: nobody is to be answered.
            _heldFrom = _heldFrom == done ? null : _heldFrom;
            End(DnsOutcome.Dropped);
            GiveBack(done);
            return;
        }

        ExchangeStatus status = done.Exchange.Status;
        Verdict verdict = status == ExchangeStatus.Answered ? Judge(done, now) : Verdict.Useless;
        if (verdict == Verdict.Final)
        {
            // It is given back below, once.
            _heldFrom = _heldFrom == done ? null : _heldFrom;
            Complete(done);
        }
        else if (verdict == Verdict.Useless)
        {
            NoteFailure(done.Upstream, done.Exchange);
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

        // What it told over UDP is no longer what is kept. It is given back by who called, and only there: two owners would get each other's answers.
        _heldFrom = _heldFrom == done ? null : _heldFrom;
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
            PutUp(done, done.Upstream);
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
            _query.Response.Flags |= DnsResponseFlags.Forwarded;
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

    private void NoteFailure(ForwardUpstream upstream, UpstreamExchange exchange)
    {
        // Where messages get lost but others arrive, asking again is what helps: then only the time ends it.
        bool isOnlyLoss = exchange.Status == ExchangeStatus.TimedOut && upstream.State.IsLossy && _handler.Options.MaxConnectAttempts is null;
        _failures += isOnlyLoss ? 0u : 1u;
        _failure = upstream.FailureFor(exchange);
        _extendedError = exchange.Status switch
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
}
