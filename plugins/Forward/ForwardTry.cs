using MiniDns.Client;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>One message of a query to one upstream. It outlives the query when another upstream answers first: what becomes of it still says
/// something about the upstream.</summary>
/// <remarks>Guarded by the lock of the run that it belongs to, as long as it belongs to one.</remarks>
internal sealed class ForwardTry : IExchangeObserver
{
    private readonly ForwardHandler _handler;

    public ForwardTry(ForwardHandler handler)
    {
        _handler = handler;
        Exchange = new UpstreamExchange(this);
    }

    public UpstreamExchange Exchange { get; }

    /// <summary>Who waits for it; null when nobody does any more.</summary>
    public ForwardRun? Run { get; set; }

    /// <summary>Whom it asks.</summary>
    public ForwardUpstream Upstream { get; private set; } = null!;

    /// <summary>Its span in the trace of the query; <see cref="QuerySpans.None"/> when the query is not traced.</summary>
    public int Span { get; set; } = QuerySpans.None;

    /// <summary>True once its answer was later than nearly all are.</summary>
    public bool IsOverdue { get; set; }

    /// <summary>True once its question or its answer was taken for lost.</summary>
    public bool IsLost { get; private set; }

    /// <summary>True when it asks again over TCP because the answer over UDP was cut: its time says nothing about the upstream's.</summary>
    public bool IsSecond { get; private set; }

    /// <summary>Sends the request that is in the exchange.</summary>
    /// <returns>False when nothing could be sent; the exchange says why.</returns>
    public bool TryStart(ForwardUpstream upstream, UpstreamProtocol protocol)
    {
        Upstream = upstream;
        IsOverdue = false;
        IsLost = false;
        IsSecond = false;
        return upstream.Upstream.TryStart(Exchange, protocol);
    }

    /// <summary>Asks the same upstream again over TCP.</summary>
    public bool TryStartSecond()
    {
        IsSecond = true;
        IsOverdue = false;
        return Upstream.Upstream.TryStart(Exchange, UpstreamProtocol.Tcp);
    }

    /// <summary>Notes, once, that the question or its answer is taken for lost. Over TCP nothing is.</summary>
    public void NoteLost()
    {
        if (!IsLost && Exchange.Protocol == UpstreamProtocol.Udp)
        {
            IsLost = true;
            Upstream.State.Lost();
        }
    }

    /// <inheritdoc/>
    public bool IsAbandoned => Run is { IsAbandoned: true };

    /// <inheritdoc/>
    public void Finished(UpstreamExchange exchange)
    {
        long now = _handler.Time.GetTimestamp();
        if (exchange.Status == ExchangeStatus.Answered)
        {
            Upstream.NoteAnswer(exchange, now, IsSecond);
        }
        else if (!IsAbandoned)
        {
            if (exchange.Status == ExchangeStatus.TimedOut)
            {
                NoteLost();
            }

            Upstream.NoteFailure(exchange);
        }

        ForwardRun? run = Run;
        if (run is null || !run.TryFinish(this, now))
        {
            _handler.Return(this);
        }
    }
}
