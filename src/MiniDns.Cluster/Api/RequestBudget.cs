namespace MiniDns.Cluster.Api;

/// <summary>Keeps requests to a rate, with bursts, and to a number at a time.</summary>
internal sealed class RequestBudget : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly double _perSecond;
    private readonly double _burst;
    private readonly SemaphoreSlim? _slots;
    private double _tokens;
    private long _filledAt;

    /// <param name="perSecond">Requests a second; 0 for any number.</param>
    /// <param name="burst">How many may come at once after a quiet time; at least 1.</param>
    /// <param name="inFlight">How many may be under way; 0 for any number.</param>
    /// <param name="time">The clock.</param>
    public RequestBudget(double perSecond, int burst, int inFlight, TimeProvider time)
    {
        _time = time;
        _perSecond = perSecond;
        _burst = Math.Max(1, burst);
        _tokens = _burst;
        _filledAt = time.GetTimestamp();
        _slots = inFlight > 0 ? new SemaphoreSlim(inFlight, inFlight) : null;
    }

    /// <summary>Waits until a request may be made; <see cref="Release"/> when it has ended.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait = Take();
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }

        if (_slots is not null)
        {
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Release() => _slots?.Release();

    public void Dispose() => _slots?.Dispose();

    // The bucket may go below nothing: those who come later wait for their turn, in order.
    private TimeSpan Take()
    {
        if (_perSecond <= 0)
        {
            return TimeSpan.Zero;
        }

        lock (_lock)
        {
            long now = _time.GetTimestamp();
            _tokens = Math.Min(_burst, _tokens + (_time.GetElapsedTime(_filledAt, now).TotalSeconds * _perSecond));
            _filledAt = now;
            _tokens--;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _perSecond);
        }
    }
}
