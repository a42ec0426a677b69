using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>Keeps every log line as <c>Level category: message</c>.</summary>
internal sealed class LogBook : ILoggerFactory
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyList<string> Lines => [.. _lines];

    public LogLevel Least { get; set; } = LogLevel.Information;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => new Page(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Page(LogBook book, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= book.Least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                book._lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)}");
            }
        }
    }
}
