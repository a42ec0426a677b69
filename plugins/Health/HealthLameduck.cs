using Microsoft.Extensions.Logging;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Health;

/// <summary>Goes on serving for a while when the process is told to stop, so that clients have time to turn elsewhere.</summary>
internal sealed class HealthLameduck(TimeSpan duration, TimeProvider time, ILogger log) : IShutdownListener
{
    /// <inheritdoc/>
    public async ValueTask StoppingAsync(CancellationToken cancellationToken)
    {
        HealthLog.GoingLame(log, DurationText.Format(duration));
        await Task.Delay(duration, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
