namespace MiniDns.Plugins.On;

/// <summary>The commands of a block, run in the order of the Corefile: each waits for the end of the one before, unless that is in the background.</summary>
internal sealed class EventCommands(IReadOnlyList<EventCommand> startup, IReadOnlyList<EventCommand> shutdown) : IServingListener, IShutdownListener
{
    /// <inheritdoc/>
    public void OnServing() => _ = RunAsync(startup, CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask StoppingAsync(CancellationToken cancellationToken) => await RunAsync(shutdown, cancellationToken).ConfigureAwait(false);

    private static async Task RunAsync(IReadOnlyList<EventCommand> commands, CancellationToken hurry)
    {
        foreach (EventCommand command in commands)
        {
            Task running = command.RunAsync(command.InBackground ? CancellationToken.None : hurry);
            if (!command.InBackground)
            {
                await running.ConfigureAwait(false);
            }
        }
    }
}
