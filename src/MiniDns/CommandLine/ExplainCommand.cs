using System.CommandLine;
using System.CommandLine.Completions;
using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Logging;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine;

/// <summary><c>minidns explain</c>: shows the way of a query through the plugins, of a Corefile or of a running server.</summary>
internal static class ExplainCommand
{
    private const string Summary = "Shows the way of a query through the plugins";

    private const string Details = """
        Shows which block takes a query, which plugins see it, what each does and how long it takes, which upstream is asked, and the answer.
        The Corefile is read anew and started for this one query: no socket listens, a running server is not disturbed, and its cache is not seen.
        With --server a running server is asked, whose Corefile has the directive 'explain': it shows the way that the query takes there, with its cache, and with what it knows of its upstreams. Upstreams are asked either way.
        Exits with 0 when there is a reply, 9 when there is none.

        Options after the name: +tcp, +tls, +https, +dnssec, +norecurse, +short, +json.
        """;

    private const string Examples = """
        minidns explain example.org
        minidns explain example.org AAAA --conf /etc/minidns/Corefile
        minidns explain web --client 192.168.1.20 +tcp
        minidns explain -x 192.168.1.11 --json
        minidns explain web --server 127.0.0.1:8054
        """;

    public static Command Create()
    {
        var words = new Argument<string[]>("WORDS") { Description = "NAME [TYPE] [+OPTION...]", Arity = ArgumentArity.ZeroOrMore };
        words.CompletionSources.Add(_ => QuestionWords.Options(overNetwork: false).Select(w => new CompletionItem("+" + w)));
        var conf = new Option<string?>("--conf", "-conf") { Description = "the Corefile; './Corefile' by default", HelpName = "FILE" };
        var client = new Option<string?>("--client") { Description = "the address that the query comes from; 127.0.0.1 by default", HelpName = "IP" };
        var server = new Option<string?>("--server") { Description = "asks a running server, at the address of its directive 'explain'", HelpName = "ADDRESS[:PORT]" };
        var place = new Option<int?>("--port") { Description = "the server's port that the query comes to; by default the first where a block takes it", HelpName = "PORT" };
        place.Validators.Add(ServeCommand.CheckPort);
        var address = new Option<string?>("-x") { Description = "asks for the name of an address", HelpName = "ADDRESS" };
        Option<int> port = CorefileOptions.Port();
        Option<bool> json = CorefileOptions.Json();
        var command = new ExampleCommand("explain", Summary, Details, Examples);
        command.Arguments.Add(words);
        foreach (Option option in (Option[])[conf, server, client, place, address, json, port])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(server) is not null && (result.GetResult(conf) ?? result.GetResult(port)) is { Implicit: false })
            {
                result.AddError("--server asks a running server, which has its Corefile already: leave --conf and --dns.port out");
            }
        });
        command.SetAction((result, cancellationToken) => CorefileOptions.RunAsync(result.GetValue(json), async () =>
        {
            var order = ExplainOrder.Read(
                result.GetValue(words) ?? [], result.GetValue(address), result.GetValue(client), result.GetValue(place), result.GetValue(json), out string? error);
            if (order is null)
            {
                await Console.Error.WriteLineAsync(error);
                return 1;
            }

            return result.GetValue(server) is { } running
                ? await ExplainClient.AskAsync(running, order, cancellationToken)
                : await StartAsync(result.GetValue(conf), result.GetValue(port), order, cancellationToken);
        }));
        return command;
    }

    private static async Task<int> StartAsync(string? corefile, int port, ExplainOrder order, CancellationToken cancellationToken)
    {
        using ILoggerFactory loggers = LoggerFactory.Create(b => b.SetMinimumLevel(LogLevel.Warning).AddProvider(new LineLoggerProvider(new ErrorLines(), new DebugSwitch())));
        ExplainReport report = await CorefileOptions.Inspector(port, loggers).ExplainAsync(corefile, order.Request, cancellationToken);
        if (!order.IsJson)
        {
            foreach (string line in report.Check.Findings.SelectMany(f => Terminal.Wrap(f, Terminal.ErrorWidth)))
            {
                await Console.Error.WriteLineAsync(line);
            }
        }

        if (order.IsJson || report.Check.Errors == 0)
        {
            await Console.Out.WriteAsync(order.Show(report));
        }

        return report.Check.Errors > 0 ? 1 : report.Reply.Length == 0 ? 9 : 0;
    }
}
