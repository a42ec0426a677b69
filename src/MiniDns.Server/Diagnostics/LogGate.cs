namespace MiniDns.Server.Diagnostics;

/// <summary>Lets one log line through in ten seconds: what strangers can provoke must not fill a disk.</summary>
internal sealed class LogGate(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private long _last;
    private int _passed;

    /// <summary>True when a line may be written now.</summary>
    public bool MayPass()
    {
        long now = time.GetTimestamp();
        long last = Volatile.Read(ref _last);
        if (Interlocked.Exchange(ref _passed, 1) != 0 && time.GetElapsedTime(last, now) < Pause)
        {
            return false;
        }

        return Interlocked.CompareExchange(ref _last, now, last) == last;
    }
}
