using Microsoft.Extensions.Logging;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Health;

/// <summary>Goes on serving for a while when the process is told to stop, so that clients have time to turn elsewhere.</summary>
/// <remarks>When nobody has asked anything for <see cref="Silence"/>, the clients are gone and the wait is over.</remarks>
internal sealed class HealthLameduck(TimeSpan duration, DnsServices services, ILogger log) : IShutdownListener
{
    /// <summary>How long nobody must have asked for the wait to end early.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public async ValueTask StoppingAsync(CancellationToken cancellationToken)
    {
        HealthLog.GoingLame(log, DurationText.Format(duration));
        TimeProvider time = services.Time;
        long start = time.GetTimestamp();
        long lastQuery = start;
        long seen = services.Server.ReceivedMessages;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan left = duration - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await Task.Delay(left < Look ? left : Look, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            long now = services.Server.ReceivedMessages;
            if (now != seen)
            {
                (seen, lastQuery) = (now, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(lastQuery) >= Silence)
            {
                HealthLog.Silent(log);
                return;
            }
        }
    }
}
