using System.ComponentModel;
using System.Diagnostics;

namespace MiniDns.IntegrationTests.Support;

/// <summary>Runs programs of the machine: dig, ip, getent and the like.</summary>
internal static class Tool
{
    /// <summary>Far more than any program here takes; one that is still running then hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Task<ToolResult> RunAsync(string program, params IEnumerable<string> arguments) => RunInAsync(Path.GetTempPath(), program, arguments);

    /// <summary>Runs a program to its end, in a directory.</summary>
    public static async Task<ToolResult> RunInAsync(string directory, string program, IEnumerable<string> arguments, TimeSpan? patience = null)
    {
        string[] words = [.. arguments];
        string command = string.Join(' ', [program, .. words]);
        using Process process = Start(directory, program, words);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(patience ?? Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"'{command}' did not end; it printed\n{await output}{await error}");
        }

        return new ToolResult(command, process.ExitCode, await output, await error);
    }

    /// <summary>Starts a program with its three streams connected.</summary>
    public static Process Start(string directory, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Parsing needs English; and the programs must not be led elsewhere by what the tester likes to have set.
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("LOCALDOMAIN");
        start.Environment.Remove("RES_OPTIONS");

        // The settings of dotnet test are none of the programs' business; a nested build would even follow them.
        string[] own = ["COREHOST_", "VSTEST_", "MSBUILD", "DOTNET_CLI_", "MINIDNS_"];
        foreach (string name in start.Environment.Keys.Where(k => own.Any(p => k.StartsWith(p, StringComparison.OrdinalIgnoreCase))).ToArray())
        {
            start.Environment.Remove(name);
        }

        // Nor are the tester's ~/.digrc and the like.
        start.Environment["HOME"] = "/nonexistent";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            Assert.Fail($"cannot run '{program}': {e.Message}; tests/run.sh installs what these tests need");
            throw;
        }
    }
}
