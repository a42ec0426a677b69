namespace MiniDns.Plugins;

/// <summary>A component that wants to know that the process is going to stop, while queries are still answered.</summary>
public interface IShutdownListener
{
    /// <summary>Runs once, before listeners close; the server waits for it (health's lameduck does its waiting here).</summary>
    /// <param name="cancellationToken">Says that waiting must end now.</param>
    ValueTask StoppingAsync(CancellationToken cancellationToken);
}
