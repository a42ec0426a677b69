using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using MiniDns.CommandLine.Messages;
using MiniDns.Configuration;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine;

/// <summary><c>minidns check</c>: finds what is wrong with a Corefile.</summary>
internal static class CheckCommand
{
    private const string Purpose = "Finds what is wrong with a Corefile";

    private const string Details = """
        Finds everything in a Corefile, and in the zone files and the like that it names, that would keep the server from starting.
        Warns of what starts, but does not do what one wants: forwarding to itself, plugins that no query gets to, blocks that answer nothing.
        Opens no socket and sends nothing.

        Exits with 0 when the server would start, with 1 when not; with --strict with 2 when there are warnings.
        """;

    private const string Examples = """
        minidns check                       check ./Corefile
        minidns check --strict Corefile     for a pipeline
        minidns check --json /etc/minidns/Corefile
        """;

    public static Command Create()
    {
        Argument<string?> file = CorefileOptions.FileArgument();
        Option<int> port = CorefileOptions.Port();
        Option<bool> json = CorefileOptions.Json();
        var strict = new Option<bool>("--strict") { Description = "exit with 2 when there are warnings" };
        var command = new ExampleCommand("check", Purpose, Details, Examples);
        command.Arguments.Add(file);
        command.Options.Add(strict);
        command.Options.Add(json);
        command.Options.Add(port);
        command.SetAction((result, _) => CorefileOptions.RunAsync(result.GetValue(json), async () =>
        {
            CheckReport report = CorefileOptions.Inspector(result.GetValue(port), NullLoggerFactory.Instance).Check(result.GetValue(file));
            await (result.GetValue(json) ? PrintJsonAsync(report) : PrintAsync(report));
            return report.Errors > 0 ? 1 : report.Warnings > 0 && result.GetValue(strict) ? 2 : 0;
        }));
        return command;
    }

    /// <summary>How many errors and warnings there are, in words.</summary>
    public static string Summary(CheckReport report) => (report.Errors, report.Warnings) switch
    {
        (0, 0) => "ok",
        (0, int warnings) => "ok, " + Count(warnings, "warning"),
        (int errors, 0) => Count(errors, "error"),
        (int errors, int warnings) => $"{Count(errors, "error")}, {Count(warnings, "warning")}",
    };

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");

    private static async Task PrintAsync(CheckReport report)
    {
        foreach (string line in report.Findings.SelectMany(f => Terminal.Wrap(f, Terminal.OutputWidth)))
        {
            await Console.Out.WriteLineAsync(line);
        }

        await Console.Out.WriteLineAsync($"{report.Path}: {Summary(report)}");
    }

    private static Task PrintJsonAsync(CheckReport report) => JsonOutput.PrintAsync(json =>
    {
        json.WriteString("file", report.Path);
        json.WriteNumber("errors", report.Errors);
        json.WriteNumber("warnings", report.Warnings);
        JsonOutput.WriteFindings(json, report.Findings);
    });
}
