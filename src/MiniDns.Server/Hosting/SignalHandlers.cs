using System.Runtime.InteropServices;
using MiniDns.Plugins;

namespace MiniDns.Server.Hosting;

/// <summary>What signals do: SIGUSR1 and SIGHUP read the configuration anew; a second SIGTERM or SIGINT ends at once.</summary>
internal sealed class SignalHandlers : IDisposable
{
    private const int UserSignal1 = 10;

    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _stops;

    /// <summary>Starts to take signals.</summary>
    /// <param name="server">Reloads.</param>
    /// <param name="endNow">Ends the process; called at the second request to stop.</param>
    public SignalHandlers(ServerControl server, Action endNow)
    {
        if (OperatingSystem.IsLinux())
        {
            // A number of the system's own: .NET has no name for it.
            On((PosixSignal)UserSignal1, () => server.RequestReload("SIGUSR1"));
        }

        On(PosixSignal.SIGHUP, () => server.RequestReload("SIGHUP"));
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT])
        {
            On(signal, () =>
            {
                // The host stops at the first one.
                if (Interlocked.Increment(ref _stops) > 1)
                {
                    endNow();
                }
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void On(PosixSignal signal, Action action) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }));
}
