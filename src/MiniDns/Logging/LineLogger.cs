using System.Text;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;

namespace MiniDns.Logging;

/// <summary>Writes what one category has to say.</summary>
/// <param name="category">The category.</param>
/// <param name="writer">Takes the lines.</param>
/// <param name="debug">Whether debugging output is wanted.</param>
/// <param name="isJournal">Whether lines begin with their priority.</param>
internal sealed class LineLogger(string category, ILineWriter writer, DebugSwitch debug, bool isJournal) : ILogger
{
    /// <summary>Only plugins are named in front of their messages, as in CoreDNS.</summary>
    private readonly string _prefix = category.StartsWith("plugin/", StringComparison.Ordinal) ? category + ": " : "";

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel < LogLevel.None && (logLevel >= LogLevel.Information || (debug.IsOn && logLevel == LogLevel.Debug));

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        (string level, int priority) = logLevel switch
        {
            LogLevel.Debug => ("DEBUG", 7),
            LogLevel.Information => ("INFO", 6),
            LogLevel.Warning => ("WARNING", 4),
            LogLevel.Error => ("ERROR", 3),
            _ => ("FATAL", 2),
        };
        string line = $"{(isJournal ? $"<{priority}>" : "")}[{level}] {_prefix}{formatter(state, exception)}{(exception is null ? "" : ": " + exception)}";

        // One event is one line, whatever an exception's text looks like.
        writer.TryWrite(Encoding.UTF8.GetBytes(line.ReplaceLineEndings(" | ")));
    }
}
