using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MiniDns.CommandLine.Messages;
using MiniDns.Configuration;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.CommandLine;

/// <summary><c>minidns query</c>: asks a server, as dig does.</summary>
internal static class QueryCommand
{
    private const int UsageError = 1;
    private const int NoReply = 9;

    private const string Summary = "Asks a server, as dig does";

    private const string Details = """
        Asks a server and prints its answer as dig does. Without @SERVER the first one of /etc/resolv.conf is asked.
        Exits with 0 for any answer, with 9 for none, as dig does.

        Options after the name: +tcp, +dnssec, +short, +json, +norecurse, +tries=N, +time=SECONDS.
        """;

    private const string Examples = """
        minidns query example.org
        minidns query @127.0.0.1:1053 example.org AAAA +short
        minidns query @127.0.0.1 -p 1053 -x 192.0.2.1
        minidns query @::1 example.org DNSKEY +dnssec +json
        """;

    public static Command Create()
    {
        var words = new Argument<string[]>("WORDS") { Description = "[@SERVER[:PORT]] NAME [TYPE] [+OPTION...]", Arity = ArgumentArity.ZeroOrMore };
        words.CompletionSources.Add(_ => QuestionWords.Options(overNetwork: true).Select(w => new CompletionItem("+" + w)));
        var port = new Option<int>("-p", "--port") { Description = "the server's port", HelpName = "PORT", DefaultValueFactory = _ => 53 };
        var address = new Option<string?>("-x") { Description = "asks for the name of an address", HelpName = "ADDRESS" };
        Option<bool> json = CorefileOptions.Json();
        port.Validators.Add(ServeCommand.CheckPort);
        var command = new ExampleCommand("query", Summary, Details, Examples);
        command.Arguments.Add(words);
        command.Options.Add(port);
        command.Options.Add(address);
        command.Options.Add(json);
        command.SetAction(async (result, cancellationToken) =>
        {
            if (QuestionWords.Read(result.GetValue(words) ?? [], takesServer: true, result.GetValue(address), out string? error) is not { } question)
            {
                await Console.Error.WriteLineAsync(error);
                return UsageError;
            }

            if (question.Type is DnsRecordType.AXFR or DnsRecordType.IXFR)
            {
                await Console.Error.WriteLineAsync("a transfer is more than one message: ask for it with dig or kdig");
                return UsageError;
            }

            string asked = question.Server ?? SystemServer().ToString();
            try
            {
                IPEndPoint server = await FindAsync(asked, result.GetValue(port), cancellationToken);
                asked = server.ToString();
                return await AskAsync(server, question, result.GetValue(json) || question.Json, cancellationToken);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                await Console.Error.WriteLineAsync($";; {asked}: {e.Message}");
                return NoReply;
            }
        });
        return command;
    }

    private static async Task<int> AskAsync(IPEndPoint server, QuestionWords words, bool json, CancellationToken cancellationToken)
    {
        var client = new QueryClient(server, words.Timeout, TimeProvider.System);
        byte[] question = QueryClient.Question(words);
        bool tcp = words.Transport == DnsTransport.Tcp;
        byte[]? answer = tcp ? await client.AskTcpAsync(question, cancellationToken) : client.AskUdp(question, words.Tries);
        if (!tcp && answer is not null && DnsHeader.TryRead(answer, out DnsHeader header) && header.IsTruncated)
        {
            if (!json)
            {
                await Console.Out.WriteLineAsync(";; Truncated, retrying in TCP mode.");
            }

            tcp = true;
            answer = await client.AskTcpAsync(question, cancellationToken);
        }

        if (answer is null || MessageText.Read(answer) is not { } message)
        {
            await Console.Error.WriteLineAsync($";; no answer from {server} {(tcp ? "over TCP" : "over UDP")}: it did not come in time");
            return NoReply;
        }

        if (json)
        {
            await JsonOutput.PrintAsync(writer =>
            {
                writer.WriteString("server", server.ToString());
                writer.WriteString("transport", tcp ? "tcp" : "udp");
                writer.WriteNumber("milliseconds", Math.Round(client.Elapsed.TotalMilliseconds, 3));
                writer.WriteNumber("size", answer.Length);
                writer.WritePropertyName("message");
                MessageJson.Write(writer, message);
            });
            return 0;
        }

        if (words.Short)
        {
            DigFormat.WriteShort(Console.Out, message);
            return 0;
        }

        await Console.Out.WriteLineAsync();
        DigFormat.Write(Console.Out, message);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $";; Query time: {(long)client.Elapsed.TotalMilliseconds} msec"));
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $";; SERVER: {server.Address}#{server.Port}({words.Server ?? server.Address.ToString()}) ({(tcp ? "TCP" : "UDP")})"));
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $";; MSG SIZE  rcvd: {answer.Length}"));
        return 0;
    }

    /// <summary>Finds the server's address.</summary>
    private static async Task<IPEndPoint> FindAsync(string server, int port, CancellationToken cancellationToken)
    {
        if (AddressText.TryParseEndpoint(server, port, out IPEndPoint? endpoint))
        {
            return endpoint;
        }

        string host = server;
        if (AddressText.TrySplitHostPort(server, out string before, out string portText) && AddressText.TryParsePort(portText, out int own))
        {
            (host, port) = (before, own);
        }

        IPAddress[] found = await Dns.GetHostAddressesAsync(host, cancellationToken);
        return new IPEndPoint(found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found[0], port);
    }

    private static IPAddress SystemServer()
    {
        const string File = "/etc/resolv.conf";
        if (System.IO.File.Exists(File))
        {
            foreach (string line in System.IO.File.ReadLines(File))
            {
                if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is ["nameserver", string text, ..] && IPAddress.TryParse(text, out IPAddress? address))
                {
                    return address;
                }
            }
        }

        return IPAddress.Loopback;
    }
}
