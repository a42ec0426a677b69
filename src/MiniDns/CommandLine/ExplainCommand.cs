using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MiniDns.CommandLine.Messages;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Logging;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine;

/// <summary><c>minidns explain</c>: shows the way of a query through a Corefile's plugins.</summary>
internal static class ExplainCommand
{
    private const string Summary = "Shows the way of a query through the plugins";

    private const string Details = """
        Shows which block takes a query, which plugins see it, what each does and how long it takes, which upstream is asked, and the answer.
        The Corefile is read anew and started for this one query: no socket listens, a running server is not disturbed, and its cache is not seen.
        Upstreams are asked. Exits with 0 when there is a reply, 9 when there is none.

        Options after the name: +tcp, +dnssec, +norecurse, +short, +json.
        """;

    private const string Examples = """
        minidns explain example.org
        minidns explain example.org AAAA --conf /etc/minidns/Corefile
        minidns explain web --client 192.168.1.20 +tcp
        minidns explain -x 192.168.1.11 --json
        """;

    public static Command Create()
    {
        var words = new Argument<string[]>("WORDS") { Description = "NAME [TYPE] [+OPTION...]", Arity = ArgumentArity.ZeroOrMore };
        var conf = new Option<string?>("--conf", "-conf") { Description = "the Corefile; './Corefile' by default", HelpName = "FILE" };
        var client = new Option<string?>("--client") { Description = "the address that the query comes from; 127.0.0.1 by default", HelpName = "IP" };
        var server = new Option<int?>("--port") { Description = "the server's port that the query comes to; by default the first where a block takes it", HelpName = "PORT" };
        var address = new Option<string?>("-x") { Description = "asks for the name of an address", HelpName = "ADDRESS" };
        Option<int> port = CorefileOptions.Port();
        Option<bool> json = CorefileOptions.Json();
        var command = new ExampleCommand("explain", Summary, Details, Examples);
        command.Arguments.Add(words);
        foreach (Option option in (Option[])[conf, client, server, address, json, port])
        {
            command.Options.Add(option);
        }

        command.SetAction((result, cancellationToken) => CorefileOptions.RunAsync(async () =>
        {
            IPAddress? from = IPAddress.Loopback;
            if (result.GetValue(client) is { } text && !AddressText.TryParseAddress(text, out from))
            {
                await Console.Error.WriteLineAsync($"--client: '{text}' is not an IP address");
                return 1;
            }

            if (QuestionWords.Read(result.GetValue(words) ?? [], takesServer: false, result.GetValue(address), out string? error) is not { } question)
            {
                await Console.Error.WriteLineAsync(error);
                return 1;
            }

            var request = new ExplainRequest(question.Name!, question.Type)
            {
                Client = from!,
                Transport = question.Tcp ? DnsTransport.Tcp : DnsTransport.Udp,
                DnssecOk = question.Dnssec,
                Recurse = question.Recurse,
                ServerPort = result.GetValue(server),
            };
            using ILoggerFactory loggers = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Warning).AddProvider(new LineLoggerProvider(new ErrorLines(), new DebugSwitch())));
            ExplainReport report = await CorefileOptions.Inspector(result.GetValue(port), loggers).ExplainAsync(result.GetValue(conf), request, cancellationToken);
            await (result.GetValue(json) || question.Json ? PrintJsonAsync(request, report) : PrintAsync(request, report, question.Short));
            return report.Check.Errors > 0 ? 1 : report.Reply.Length == 0 ? 9 : 0;
        }));
        return command;
    }

    /// <summary>What a plugin did, in words.</summary>
    public static string Deed(TraceStep step)
    {
        List<string> deeds = [.. step.Asked.Select(q => $"asked the server itself for {q}")];
        if (step.PassedOn)
        {
            deeds.Add(step.PassedOnAs is { } other ? $"passed on as {other}" : "passed on");
        }

        if (!step.IsDone)
        {
            deeds.Add(step.PassedOn ? "waited" : "no answer yet");
        }
        else if (step.Dropped && !step.PassedOn)
        {
            deeds.Add("dropped the query");
        }
        else if (step.IsAuthor)
        {
            deeds.Add($"replied {Protocol.Messages.DnsResponseCodeText.Format(step.Code)}");
        }
        else if (!step.Replied && !step.PassedOn && step.Failure is null)
        {
            deeds.Add("passed on, but nobody is left");
        }

        return string.Join(", ", deeds) + (step.Failure is { } failure ? $" ({failure})" : "");
    }

    private static string Duration(TimeSpan time) => time.TotalMilliseconds >= 10
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F0} ms")
        : time.TotalMilliseconds >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:F0} µs");

    private static async Task PrintAsync(ExplainRequest request, ExplainReport report, bool isShort)
    {
        foreach (ConfigDiagnostic finding in report.Check.Findings)
        {
            await Console.Error.WriteLineAsync(finding.ToString());
        }

        if (report.Check.Errors > 0)
        {
            return;
        }

        TextWriter output = Console.Out;
        await output.WriteLineAsync($"{request.Name} {DnsTypeText.Format(request.Type)} from {request.Client} over {Transport(request)}");
        await output.WriteLineAsync(report.Block is { } block
            ? $"{block.Span} takes it, for the zone {report.Zone} of {string.Join(' ', block.Keys)}"
            : "no block takes it: no zone of the Corefile holds the name, so it is refused");
        foreach (string plugin in report.NotReady)
        {
            await output.WriteLineAsync($"{plugin} did not become ready");
        }

        int width = report.Steps.Select(s => s.Plugin.Length + (2 * s.Depth)).DefaultIfEmpty(0).Max();
        List<(string Plugin, string Deed, string Time)> rows = [.. report.Steps.Select(s => (new string(' ', 2 * s.Depth) + s.Plugin, Deed(s), Duration(s.Own)))];
        int deeds = rows.Select(r => r.Deed.Length).DefaultIfEmpty(0).Max();
        await output.WriteLineAsync();
        foreach ((string plugin, string deed, string time) in rows)
        {
            await output.WriteLineAsync($"    {plugin.PadRight(width)}  {deed.PadRight(deeds)}  {time,8}");
        }

        await output.WriteLineAsync(rows.Count > 0 ? "" : "    no plugin saw it\n");
        if (report.Upstreams.Count > 0)
        {
            await output.WriteLineAsync("asked upstream " + string.Join(", ", report.Upstreams));
        }

        await output.WriteLineAsync(report.TimedOut ? $"no answer after {Duration(report.Elapsed)}" : $"took {Duration(report.Elapsed)} (the first query after a start)");
        await output.WriteLineAsync();
        if (MessageText.Read(report.Reply.Span) is not { } message)
        {
            await output.WriteLineAsync("there is no reply");
        }
        else if (isShort)
        {
            DigFormat.WriteShort(output, message);
        }
        else
        {
            DigFormat.Write(output, message);
        }
    }

    private static string Transport(ExplainRequest request) => request.Transport == DnsTransport.Tcp ? "tcp" : "udp";

    private static Task PrintJsonAsync(ExplainRequest request, ExplainReport report) => JsonOutput.PrintAsync(json =>
    {
        json.WriteString("name", request.Name.ToString());
        json.WriteString("type", DnsTypeText.Format(request.Type));
        json.WriteString("client", request.Client.ToString());
        json.WriteString("transport", Transport(request));
        JsonOutput.WriteFindings(json, report.Check.Findings);
        json.WritePropertyName("block");
        if (report.Block is { } block)
        {
            PlanCommand.Write(json, block);
            json.WriteString("zone", report.Zone.ToString());
            json.WriteString("server", report.Server);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteStartArray("steps");
        foreach (TraceStep step in report.Steps)
        {
            Write(json, step);
        }

        json.WriteEndArray();
        JsonOutput.WriteStrings(json, "upstreams", report.Upstreams);
        JsonOutput.WriteStrings(json, "notReady", report.NotReady);
        json.WriteNumber("microseconds", Math.Round(report.Elapsed.TotalMicroseconds));
        json.WriteBoolean("timedOut", report.TimedOut);
        json.WritePropertyName("message");
        if (MessageText.Read(report.Reply.Span) is { } message)
        {
            MessageJson.Write(json, message);
        }
        else
        {
            json.WriteNullValue();
        }
    });

    private static void Write(Utf8JsonWriter json, TraceStep step)
    {
        json.WriteStartObject();
        json.WriteString("plugin", step.Plugin);
        json.WriteNumber("depth", step.Depth);
        json.WriteString("name", step.Name.ToString());
        json.WriteString("type", DnsTypeText.Format(step.Type));
        json.WriteString("did", Deed(step));
        json.WriteBoolean("passedOn", step.PassedOn);
        json.WriteBoolean("replied", step.IsAuthor);
        JsonOutput.WriteStrings(json, "asked", step.Asked);
        json.WriteNumber("microseconds", Math.Round(step.Own.TotalMicroseconds, 1));
        json.WriteEndObject();
    }
}
