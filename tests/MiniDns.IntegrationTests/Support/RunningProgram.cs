using System.Diagnostics;
using System.Globalization;

namespace MiniDns.IntegrationTests.Support;

/// <summary>A program that keeps running: a server. Disposing kills it.</summary>
internal class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    /// <summary>Starts a program.</summary>
    /// <param name="directory">Its working directory.</param>
    /// <param name="command">Program and arguments; of those that start another one, only such that turn into it (env, setpriv, ip netns exec).</param>
    public RunningProgram(string directory, IReadOnlyList<string> command)
    {
        Command = string.Join(' ', command);
        _process = Tool.Start(directory, command[0], command.Skip(1));
        _process.StandardInput.Close();
        Output = new OutputLines(_process.StandardOutput);
        Error = new OutputLines(_process.StandardError);
    }

    /// <summary>What was started.</summary>
    public string Command { get; }

    /// <summary>What it printed.</summary>
    public OutputLines Output { get; }

    /// <summary>What it complained of.</summary>
    public OutputLines Error { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Everything printed so far, for a failed test's message.</summary>
    public string Transcript => string.Join('\n', [$"$ {Command}", .. Output.All, .. Error.All]);

    /// <summary>Waits until a line is printed.</summary>
    public async Task<string> LineAsync(Func<string, bool> fits)
    {
        string? line = await Output.FindAsync(fits);
        Assert.True(line is not null, "the expected line was not printed:\n" + Transcript);
        return line;
    }

    /// <summary>Sends a signal: TERM, INT, USR1.</summary>
    public async Task SignalAsync(string name) =>
        (await Tool.RunAsync("kill", "-s", name, Id.ToString(CultureInfo.InvariantCulture))).Succeeded();

    /// <summary>Waits for the end of the program and of its output.</summary>
    public async Task<int> ExitAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            await Task.WhenAll(Output.Completion, Error.Completion).WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail("still running:\n" + Transcript);
        }

        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
