namespace MiniDns.Client;

/// <summary>Who waits for an exchange to end.</summary>
public interface IExchangeObserver
{
    /// <summary>Runs once for each exchange that was started, on the thread that met the end: it must not block.</summary>
    /// <param name="exchange">The exchange; it is free for another start.</param>
    void Finished(UpstreamExchange exchange);

    /// <summary>True when nobody wants the answer any more: the exchange ends at the next look at deadlines.</summary>
    bool IsAbandoned => false;
}
