using System.Diagnostics;

namespace MiniDns.IntegrationTests.Support;

/// <summary>The lines a running program has printed so far on one of its streams, to wait for and to look at.</summary>
internal sealed class OutputLines
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly object _gate = new();
    private readonly List<string> _lines = [];
    private readonly Task _reading;
    private TaskCompletionSource _news = NewSignal();
    private bool _isComplete;

    public OutputLines(StreamReader reader)
    {
        _reading = Task.Run(() => ReadAsync(reader));
    }

    /// <summary>All lines so far.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Ends when the stream does.</summary>
    public Task Completion => _reading;

    /// <summary>The first line that fits, printed already or later; null when the program ends, or the patience, without one.</summary>
    public async Task<string?> FindAsync(Func<string, bool> fits)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_lines.Find(l => fits(l)) is { } line)
                {
                    return line;
                }

                if (_isComplete)
                {
                    return null;
                }

                news = _news.Task;
            }

            TimeSpan left = Patience - since.Elapsed;
            if (left <= TimeSpan.Zero || await Task.WhenAny(news, Task.Delay(left)) != news)
            {
                return null;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync(StreamReader reader)
    {
        while (true)
        {
            string? line = await reader.ReadLineAsync();
            TaskCompletionSource news;
            lock (_gate)
            {
                if (line is null)
                {
                    _isComplete = true;
                }
                else
                {
                    _lines.Add(line);
                }

                news = _news;
                _news = NewSignal();
            }

            news.SetResult();
            if (line is null)
            {
                return;
            }
        }
    }
}
