using System.Diagnostics;
using MiniDns.Plugins.On;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.On;

/// <summary>Commands that are really run.</summary>
public sealed class OnPluginTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-on-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("on startup cmd arg")]
    [InlineData("on shutdown cmd arg &")]
    [InlineData("on STARTUP cmd\non startup cmd")]
    [InlineData("on startup cmd {\ntimeout 1m\n}")]
    public void A_setup_is_accepted(string lines) => Assert.Empty(SnippetSetup.Run(new OnPlugin(), lines).Errors);

    [Theory]
    [InlineData("on", "2:1: on: one of startup, shutdown, certrenew is expected after 'on'")]
    [InlineData("on xyz cmd arg", "2:4: on: 'xyz' is not one of startup, shutdown, certrenew")]
    [InlineData("on startup", "2:4: on: a command is expected, such as 'on startup /usr/bin/touch /run/started'")]
    [InlineData("on startup &", "2:12: on: a command is expected, such as 'on startup /usr/bin/touch /run/started'")]
    [InlineData("on startup sh -c 'echo", "2:12: on: the command cannot be read: the closing ' is missing")]
    [InlineData("on startup cmd {\ntimeout 2h\n}", "3:9: on: timeout: '2h' is not a duration from 1ms to 1h0m0s such as 1h30m, 5s or 250ms")]
    public void What_is_wrong_is_said(string lines, string error) => Assert.Equal(["Corefile:" + error], SnippetSetup.Run(new OnPlugin(), lines).Errors);

    [Fact]
    public void An_event_that_never_comes_is_warned_of() =>
        Assert.Equal(["Corefile:2:14: on: nothing renews certificates here, so the command is never run"], SnippetSetup.Run(new OnPlugin(), "on certrenew cmd").Warnings);

    [Theory]
    [InlineData("on startup /nowhere/cmd arg", "Corefile:2:12: on: there is no program '/nowhere/cmd', so the command cannot be run")]
    [InlineData("on shutdown no-such-program &", "Corefile:2:13: on: there is no program 'no-such-program', so the command cannot be run")]
    [InlineData("on startup sh -c true")]
    [InlineData("on startup /bin/sh -c true")]
    public void A_program_that_is_not_there_is_warned_of(string line, params string[] warnings) =>
        Assert.Equal(warnings, SnippetSetup.Run(new OnPlugin(), line).Warnings);

    [Fact]
    public void There_is_a_limit() =>
        Assert.Single(SnippetSetup.Run(new OnPlugin(), string.Concat(Enumerable.Repeat("on startup cmd\n", OnPlugin.MaxCommands + 1))).Errors);

    [Fact]
    public async Task Commands_run_one_after_the_other_and_their_output_is_logged()
    {
        string file = Path.Combine(_directory, "order");
        PluginHarness server = PluginHarness.Stanza($"on startup sh -c \"'sleep 0.2; echo one >> {file}; echo first line; echo problem >&2'\"\non startup sh -c \"'echo two >> {file}'\"\nwhoami");
        server.Provided<EventCommands>().OnServing();
        await EventuallyAsync(() => Count(server, "success") == 2, server);
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(file));
        Assert.Contains(server.Log.Lines, l => l.Contains("says: first line", StringComparison.Ordinal));
        Assert.Contains(server.Log.Lines, l => l.Contains("says: problem", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_in_the_background_holds_up_nobody_and_runs_once_at_a_time()
    {
        string gate = Path.Combine(_directory, "gate");
        string file = Path.Combine(_directory, "done");
        PluginHarness server = PluginHarness.Stanza($"on shutdown sh -c \"'while [ ! -e {gate} ]; do sleep 0.02; done'\" &\non shutdown touch {file}\nwhoami");
        IShutdownListener listener = Assert.Single(server.ShutdownListeners);
        await listener.StoppingAsync(CancellationToken.None);
        Assert.True(File.Exists(file));
        await listener.StoppingAsync(CancellationToken.None);
        await EventuallyAsync(() => server.Log.Lines.Any(l => l.Contains("still running", StringComparison.Ordinal)), server);
        Assert.Equal(2, Count(server, "success"));
        await File.WriteAllTextAsync(gate, "");
        await EventuallyAsync(() => Count(server, "success") == 3, server);
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_killed_with_what_it_started()
    {
        string pid = Path.Combine(_directory, "pid");
        PluginHarness server = PluginHarness.Stanza($"on startup sh -c \"'sleep 1000 & echo $! > {pid}; wait'\" {{\ntimeout 10s\n}}\nwhoami");
        server.Provided<EventCommands>().OnServing();
        await EventuallyAsync(() => File.Exists(pid) && File.ReadAllText(pid).EndsWith('\n'), server);
        int sleeper = int.Parse(await File.ReadAllTextAsync(pid));
        Assert.True(IsAlive(sleeper));
        server.Time.Advance(TimeSpan.FromSeconds(11));
        await EventuallyAsync(() => Count(server, "failure") == 1 && !IsAlive(sleeper), server);
        Assert.Contains(server.Log.Lines, l => l.Contains("was killed: it took more than 10 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_signal_does_not_wait_for_commands()
    {
        PluginHarness server = PluginHarness.Stanza("on shutdown sleep 1000\nwhoami");
        using var hurry = new CancellationTokenSource();
        Task stopping = Assert.Single(server.ShutdownListeners).StoppingAsync(hurry.Token).AsTask();
        await EventuallyAsync(() => server.Log.Lines.Any(l => l.Contains("running 'sleep 1000'", StringComparison.Ordinal)), server);
        await hurry.CancelAsync();
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains(server.Log.Lines, l => l.Contains("was killed: the server stops now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_fails_is_said_and_counted()
    {
        PluginHarness server = PluginHarness.Stanza("on shutdown /nowhere/to/be/found\non shutdown false\non shutdown true\nwhoami");
        await Assert.Single(server.ShutdownListeners).StoppingAsync(CancellationToken.None);
        Assert.Equal((2, 1), (Count(server, "failure"), Count(server, "success")));
        Assert.Contains(server.Log.Lines, l => l.Contains("'/nowhere/to/be/found' cannot be run", StringComparison.Ordinal));
        Assert.Contains(server.Log.Lines, l => l.Contains("'false' ended with code 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flood_of_output_is_read_and_not_logged()
    {
        PluginHarness server = PluginHarness.Stanza("on shutdown sh -c \"'yes | head -n 200000; head -c 5000 /dev/zero | tr \\\"\\\\\\\\0\\\" x'\"\nwhoami");
        await Assert.Single(server.ShutdownListeners).StoppingAsync(CancellationToken.None);
        Assert.Equal(1, Count(server, "success"));
        Assert.InRange(server.Log.Lines.Count, 100, 110);
        Assert.Contains(server.Log.Lines, l => l.Contains("lines more", StringComparison.Ordinal));
    }

    private static double Count(PluginHarness server, string result) =>
        server.Metrics.Snapshot().Where(s => s.Name == "minidns_on_commands_total" && s.Labels[1].Value == result).Sum(s => s.Read());

    private static bool IsAlive(int id)
    {
        // A zombie that nobody has taken leave of yet is dead, too.
        string status = $"/proc/{id}/stat";
        try
        {
            return File.Exists(status) && !File.ReadAllText(status).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task EventuallyAsync(Func<bool> condition, PluginHarness server)
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(30), "it did not come to pass:\n" + string.Join('\n', server.Log.Lines));
            await Task.Delay(10);
        }
    }
}
