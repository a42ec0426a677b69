using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MiniDns.CommandLine;

/// <summary><c>minidns reload</c>: has a running server read its Corefile anew.</summary>
internal static partial class ReloadCommand
{
    private const string Summary = "Has a running server read its Corefile anew";

    private const string Details = """
        Sends a running server SIGUSR1, which has it read its Corefile anew. When that is wrong, the server says so in its log
        and goes on as it was; 'minidns check' tells beforehand.
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
                await Console.Error.WriteLineAsync($"{pidFile}: cannot be read: {e.Message}; does the server run, with '-pidfile {pidFile}'?");
                return 1;
            }
        }

        // 0 and negative numbers stand for groups of processes.
        if (pid is not > 0)
        {
            await Console.Error.WriteLineAsync(pidFile is null ? $"--pid: {pid} is not a process id" : $"{pidFile}: there is no process id in it");
            return 1;
        }

        if (Kill(pid.Value, UserSignal1) != 0)
        {
            await Console.Error.WriteLineAsync($"process {pid}: {Marshal.GetLastPInvokeErrorMessage()}");
            return 1;
        }

        return 0;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
