using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MiniDns.CommandLine.Messages;
using MiniDns.Configuration;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine;

/// <summary><c>minidns plan</c>: tells what a server would do with a Corefile.</summary>
internal static class PlanCommand
{
    private const string Summary = "Tells what a server would do with a Corefile";

    private const string Details = """
        Tells which plugins a query meets in each block, in which order, and where DNS and HTTP pages are served.
        The order of plugins is always the same, whatever the order in the Corefile; the directive 'order' changes it.
        Opens no socket and sends nothing.
        """;

    private const string Examples = """
        minidns plan                   of ./Corefile
        minidns plan -p 1053 Corefile  as with 'minidns -conf Corefile -p 1053'
        minidns plan --json Corefile
        """;

    public static Command Create()
    {
        Argument<string?> file = CorefileOptions.FileArgument();
        Option<int> port = CorefileOptions.Port();
        Option<bool> json = CorefileOptions.Json();
        var command = new ExampleCommand("plan", Summary, Details, Examples);
        command.Arguments.Add(file);
        command.Options.Add(json);
        command.Options.Add(port);
        command.SetAction((result, _) => CorefileOptions.RunAsync(result.GetValue(json), async () =>
        {
            PlanReport report = CorefileOptions.Inspector(result.GetValue(port), NullLoggerFactory.Instance).Describe(result.GetValue(file));
            if (result.GetValue(json))
            {
                await JsonOutput.PrintAsync(writer => Write(writer, report));
            }
            else
            {
                await PrintAsync(report);
            }

            return report.Check.Errors > 0 ? 1 : 0;
        }));
        return command;
    }

    /// <summary>Writes a block as an object.</summary>
    public static void Write(Utf8JsonWriter json, PlannedBlock block)
    {
        json.WriteStartObject();
        json.WriteString("at", block.Span.ToString());
        JsonOutput.WriteStrings(json, "keys", block.Keys);
        json.WriteString("view", block.View);
        JsonOutput.WriteStrings(json, "servers", block.Servers);
        JsonOutput.WriteStrings(json, "chain", block.Chain);
        JsonOutput.WriteStrings(json, "notifyChain", block.NotifyChain);
        JsonOutput.WriteStrings(json, "settings", block.Settings);
        json.WriteEndObject();
    }

    private static async Task PrintAsync(PlanReport report)
    {
        foreach (string line in report.Check.Findings.SelectMany(f => Terminal.Wrap(f, Terminal.ErrorWidth)))
        {
            await Console.Error.WriteLineAsync(line);
        }

        foreach (PlannedBlock block in report.Blocks)
        {
            await Console.Out.WriteLineAsync($"{string.Join(' ', block.Keys)}  ({block.Span})");
            await LineAsync("view", block.View);
            await LineAsync("listens", string.Join(' ', block.Servers));
            await LineAsync("chain", string.Join(" > ", block.Chain));
            await LineAsync("notify", string.Join(" > ", block.NotifyChain));
            await LineAsync("settings", string.Join(", ", block.Settings));
            await Console.Out.WriteLineAsync();
        }

        foreach (PlannedListener listener in report.Listeners)
        {
            string over = listener.Scheme == ServerScheme.Dns ? "udp, tcp" : "tcp";
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{ServerKey.SchemeText(listener.Scheme),-5} {listener.Address} {over}  zones {string.Join(' ', listener.Zones)}  ({listener.Span})"));
        }

        // A page stands for those below it: pprof alone has eight.
        foreach (PlannedPage page in report.Pages.Where(p => !report.Pages.Any(o => o.Plugin == p.Plugin && o.Address.Equals(p.Address) && p.Path.StartsWith(o.Path + "/", StringComparison.Ordinal))))
        {
            await Console.Out.WriteLineAsync($"http  {page.Address}{page.Path}  {page.Plugin}  ({page.Span})");
        }

        if (report.Files.Count > 0)
        {
            await Console.Out.WriteLineAsync($"files {string.Join(' ', report.Files)}");
        }
    }

    private static async Task LineAsync(string name, string value)
    {
        if (value.Length == 0)
        {
            return;
        }

        // On a terminal a long chain goes on below its beginning.
        string title = $"    {name,-9} ";
        foreach (string line in Terminal.Wrap(value, Math.Max(Terminal.OutputWidth - title.Length, title.Length)))
        {
            await Console.Out.WriteLineAsync(title + line);
            title = new string(' ', title.Length);
        }
    }

    private static void Write(Utf8JsonWriter json, PlanReport report)
    {
        json.WriteString("file", report.Check.Path);
        JsonOutput.WriteFindings(json, report.Check.Findings);
        json.WriteStartArray("blocks");
        foreach (PlannedBlock block in report.Blocks)
        {
            Write(json, block);
        }

        json.WriteEndArray();
        json.WriteStartArray("listeners");
        foreach (PlannedListener listener in report.Listeners)
        {
            json.WriteStartObject();
            json.WriteString("scheme", ServerKey.SchemeText(listener.Scheme));
            json.WriteString("address", listener.Address.ToString());
            JsonOutput.WriteStrings(json, "zones", listener.Zones);
            json.WriteNumber("sockets", listener.Sockets);
            json.WriteString("at", listener.Span.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("pages");
        foreach (PlannedPage page in report.Pages)
        {
            json.WriteStartObject();
            json.WriteString("address", page.Address.ToString());
            json.WriteString("path", page.Path);
            json.WriteString("plugin", page.Plugin);
            json.WriteString("at", page.Span.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        JsonOutput.WriteStrings(json, "files", report.Files);
    }
}
