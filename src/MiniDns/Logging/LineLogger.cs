using System.Text;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;

namespace MiniDns.Logging;

internal sealed class LineLogger(string category, ILineWriter writer, DebugSwitch debug) : ILogger
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

        string level = logLevel switch
        {
            LogLevel.Debug => "DEBUG",
            LogLevel.Information => "INFO",
            LogLevel.Warning => "WARNING",
            LogLevel.Error => "ERROR",
            _ => "FATAL",
        };
        string line = $"[{level}] {_prefix}{formatter(state, exception)}{(exception is null ? "" : ": " + exception)}";

        // One event is one line, whatever an exception's text looks like.
        writer.TryWrite(Encoding.UTF8.GetBytes(line.ReplaceLineEndings(" | ")));
    }
}
