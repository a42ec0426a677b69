using Microsoft.Extensions.Logging;

namespace MiniDns.Telemetry;

/// <summary>Logs when a collector stops taking messages and when it begins again; the same problem again is no news.</summary>
/// <param name="log">The log.</param>
/// <param name="address">The collector.</param>
/// <param name="what">What is sent to it.</param>
public sealed partial class CollectorReport(ILogger log, Uri address, string what)
{
    private string? _problem;

    /// <summary>Takes in what became of a message. For one thread at a time.</summary>
    public void Note(CollectorResult result)
    {
        if (result.Problem is { } problem && problem != _problem)
        {
            NotTaken(log, address, what, problem);
        }
        else if (result.IsTaken && _problem is not null)
        {
            TakenAgain(log, address, what);
        }

        _problem = result.Problem;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Address} does not take {What}: {Problem}")]
    private static partial void NotTaken(ILogger log, Uri address, string what, string problem);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "{Address} takes {What} again")]
    private static partial void TakenAgain(ILogger log, Uri address, string what);
}
