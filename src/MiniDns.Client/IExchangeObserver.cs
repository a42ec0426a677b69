namespace MiniDns.Client;

/// <summary>Who waits for an exchange to end.</summary>
public interface IExchangeObserver
{
    /// <summary>Runs once for each exchange that was started, on the thread that met the end: it must not block.</summary>
    /// <param name="exchange">The exchange; it is free for another start.</param>
    void Finished(UpstreamExchange exchange);
}
