using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.On;

/// <summary>A command of the Corefile. At most one of it runs at a time.</summary>
internal sealed class EventCommand
{
    /// <summary>The most lines of one run's output that are logged.</summary>
    public const int MaxLines = 100;

    /// <summary>The most characters of a line that are logged.</summary>
    public const int MaxLineLength = 1000;

    /// <summary>How long the output is still read after the end of the command: something that it started may hold it open.</summary>
    private static readonly TimeSpan OutputPatience = TimeSpan.FromSeconds(1);

    private readonly string[] _words;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly StripedCounter _succeeded;
    private readonly StripedCounter _failed;
    private int _running;

    /// <summary>Makes a command; nothing is started.</summary>
    /// <param name="name">The event, as the Corefile writes it.</param>
    /// <param name="words">Program and arguments.</param>
    /// <param name="inBackground">True when nobody waits for its end, which then may come whenever it likes.</param>
    /// <param name="timeout">How long it may take, when somebody waits for it.</param>
    /// <param name="services">Clock, logs, metrics.</param>
    public EventCommand(string name, IReadOnlyList<string> words, bool inBackground, TimeSpan timeout, DnsServices services)
    {
        _words = [.. words];
        InBackground = inBackground;
        _timeout = inBackground ? Timeout.InfiniteTimeSpan : timeout;
        _time = services.Time;
        _log = services.LoggerFor("on");
        _succeeded = Counter("success");
        _failed = Counter("failure");
        Text = string.Join(' ', words);

        StripedCounter Counter(string result) =>
            services.Metrics.Counter("minidns_on_commands_total", "Commands that were run at events, by how they ended.", ("event", name), ("result", result));
    }

    /// <summary>True when nobody waits for its end.</summary>
    public bool InBackground { get; }

    /// <summary>The command, for messages.</summary>
    public string Text { get; }

    /// <summary>Runs the command to its end. Never throws.</summary>
    /// <param name="hurry">Kills it.</param>
    public async Task RunAsync(CancellationToken hurry)
    {
        // Never on the thread of whoever tells of the event.
        await Task.Yield();
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            OnLog.StillRunning(_log, Text);
            return;
        }

        try
        {
            bool isRight = await RunProcessAsync(hurry).ConfigureAwait(false);
            (isRight ? _succeeded : _failed).Increment();
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            _failed.Increment();
            OnLog.NotStarted(_log, Text, e.Message);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async Task<bool> RunProcessAsync(CancellationToken hurry)
    {
        OnLog.Starting(_log, Text);
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(_words[0], _words.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process.Start();
        process.StandardInput.Close();
        var output = new CommandOutput(_log, Text);
        Task reading = Task.WhenAll(output.ReadAsync(process.StandardOutput), output.ReadAsync(process.StandardError));
        using var late = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, hurry);
        try
        {
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            OnLog.Killed(_log, Text, hurry.IsCancellationRequested ? "the server stops now" : $"it took more than {_timeout.TotalSeconds} s");
            return false;
        }

        await reading.WaitAsync(OutputPatience, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        output.Close();
        if (process.ExitCode != 0)
        {
            OnLog.Failed(_log, Text, process.ExitCode);
        }

        return process.ExitCode == 0;
    }
}
