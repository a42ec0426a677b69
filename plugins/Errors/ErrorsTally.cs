using MiniDns.Configuration;

namespace MiniDns.Plugins.Errors;

/// <summary>Counts the failures of one rule, and logs how many there were when its period is over.</summary>
internal sealed class ErrorsTally(ErrorsRule rule, IErrorsOutput output) : IAsyncDisposable
{
    private readonly string _period = DurationText.Format(rule.Period);
    private ITimer? _timer;
    private int _count;

    /// <summary>The rule.</summary>
    public ErrorsRule Rule => rule;

    /// <summary>Gets ready to count.</summary>
    public void Start(TimeProvider time) =>
        _timer = time.CreateTimer(static tally => ((ErrorsTally)tally!).Report(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Counts a failure.</summary>
    /// <returns>True when that is all; false when the failure is to be logged.</returns>
    public bool Add()
    {
        if (_timer is not { } timer)
        {
            return false;
        }

        if (Interlocked.Increment(ref _count) > 1)
        {
            return true;
        }

        timer.Change(rule.Period, Timeout.InfiniteTimeSpan);
        return !rule.ShowsFirst;
    }

    /// <summary>Logs what is counted so far and stops counting.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _timer, null) is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
            Report();
        }
    }

    private void Report()
    {
        int count = Interlocked.Exchange(ref _count, 0);

        // A single failure that was shown needs no summary.
        if (count > (rule.ShowsFirst ? 1 : 0))
        {
            output.Consolidated(rule.Level, count, rule.Pattern.Pattern, _period);
        }
    }
}
