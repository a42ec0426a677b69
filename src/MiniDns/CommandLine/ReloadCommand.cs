using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using MiniDns.Configuration;

namespace MiniDns.CommandLine;

/// <summary><c>minidns reload</c>: has a running server read its Corefile anew.</summary>
internal static partial class ReloadCommand
{
    private const string Summary = "Has a running server read its Corefile anew";

    private const string Details = """
        Sends a running server SIGUSR1, which has it read its Corefile anew. When that is wrong, the server says so in its log and goes on as it was; 'minidns check' tells beforehand.
        Exits with 0 once the signal is sent, and does not wait for what comes of it.
        """;

    private const string Examples = """
        minidns reload --pidfile /run/minidns.pid
        minidns check && minidns reload --pid 4711
        """;

    /// <summary>SIGUSR1 of Linux, on every architecture that .NET runs on.</summary>
    private const int UserSignal1 = 10;

    public static Command Create()
    {
        var pidFile = new Option<string?>("--pidfile", "-pidfile") { Description = "the file that the server was told to write its process id to", HelpName = "FILE" };
        var pid = new Option<int?>("--pid") { Description = "the server's process id", HelpName = "N" };
        pid.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0))
            {
                // 0 and negative numbers stand for groups of processes.
                result.AddError($"--pid: '{token.Value}' is not a process id");
            }
        });
        var command = new ExampleCommand("reload", Summary, Details, Examples);
        command.Options.Add(pidFile);
        command.Options.Add(pid);
        command.Validators.Add(result =>
        {
            if (result.GetResult(pidFile) is null == result.GetResult(pid) is null)
            {
                result.AddError("say which server: either --pidfile FILE or --pid N");
            }
        });
        command.SetAction((result, _) => RunAsync(result.GetValue(pidFile), result.GetValue(pid)));
        return command;
    }

    private static async Task<int> RunAsync(string? pidFile, int? pid)
    {
        if (pid is null && pidFile is not null)
        {
            try
            {
                string text = (await File.ReadAllTextAsync(pidFile)).Trim();
                pid = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"{pidFile}: cannot be read: {FileTrouble.Of(pidFile, e)}; does the server run, with '-pidfile {pidFile}'?");
                return 1;
            }
        }

        if (pid is not > 0)
        {
            await Console.Error.WriteLineAsync($"{pidFile}: there is no process id in it");
            return 1;
        }

        // A signal that nobody waits for ends a process, and the number of a server that has ended may be another process's by now.
        if (await WaitsForSignalAsync(pid.Value) is false)
        {
            await Console.Error.WriteLineAsync($"process {pid} is no server that waits for a reload: nothing is sent to it");
            return 1;
        }

        if (Kill(pid.Value, UserSignal1) != 0)
        {
            string message = Marshal.GetLastPInvokeErrorMessage();
            await Console.Error.WriteLineAsync($"process {pid}: {message}");
            return 1;
        }

        return 0;
    }

    /// <summary>Whether a process has a handler for SIGUSR1 (<c>SigCgt</c> of proc_pid_status(5)); null when the system does not tell.</summary>
    private static async Task<bool?> WaitsForSignalAsync(int pid)
    {
        try
        {
            string? caught = (await File.ReadAllLinesAsync($"/proc/{pid}/status")).FirstOrDefault(l => l.StartsWith("SigCgt:", StringComparison.Ordinal));
            return ulong.TryParse(caught?["SigCgt:".Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong signals)
                ? (signals >> (UserSignal1 - 1) & 1) == 1
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
