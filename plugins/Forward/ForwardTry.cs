using MiniDns.Client;

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

    /// <summary>True once its answer was later than nearly all are.</summary>
    public bool IsOverdue { get; set; }

    /// <summary>True when it asks again over TCP because the answer over UDP was cut: its time says nothing about the upstream's.</summary>
    public bool IsSecond { get; private set; }

    /// <summary>Sends the request that is in the exchange.</summary>
    /// <returns>False when nothing could be sent; the exchange says why.</returns>
    public bool TryStart(ForwardUpstream upstream, UpstreamProtocol protocol)
    {
        Upstream = upstream;
        IsOverdue = false;
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
            Upstream.NoteFailure(exchange.Status);
        }

        ForwardRun? run = Run;
        if (run is null || !run.TryFinish(this, now))
        {
            _handler.Return(this);
        }
    }
}
