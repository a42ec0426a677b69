using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using MiniDns.Plugins.Explain;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine;

/// <summary>Has a running server explain a query.</summary>
internal static class ExplainClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Asks, and prints what the server shows.</summary>
    /// <param name="server">The address of the server's page.</param>
    /// <param name="order">What is asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> AskAsync(string server, ExplainOrder order, CancellationToken cancellationToken)
    {
        if (!TryParse(server, out Uri? page))
        {
            await Console.Error.WriteLineAsync($"--server: '{server}' is not the address of a server, such as '127.0.0.1:{ExplainPlugin.DefaultPort}'");
            return 1;
        }

        try
        {
            // The machine's proxy is none of a server's business that is asked by its address.
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
            using HttpResponseMessage response = await http.GetAsync(new Uri(QueryHelpers.AddQueryString(page!.ToString(), Query(order))), cancellationToken);
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            switch ((int)response.StatusCode)
            {
                case 200:
                    await Console.Out.WriteAsync(body);
                    return 0;
                case ExplainPage.NoReply:
                    await Console.Out.WriteAsync(body);
                    return 9;
                case 404:
                    await Console.Error.WriteLineAsync($"{page}: there is no such page; does the server's Corefile have the directive 'explain'?");
                    return 1;
                default:
                    await Console.Error.WriteAsync(body);
                    return 1;
            }
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            await Console.Error.WriteLineAsync($"{page}: {e.Message}; does the server run, with the directive 'explain'?");
            return 1;
        }
    }

    private static bool TryParse(string server, out Uri? page)
    {
        bool hasScheme = server.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? server : "http://" + server, UriKind.Absolute, out page) || page.Host.Length == 0 || page.Scheme is not ("http" or "https"))
        {
            return false;
        }

        var builder = new UriBuilder(page) { Path = ExplainPlugin.Path, Query = "" };
        builder.Port = hasScheme || !page.IsDefaultPort ? builder.Port : ExplainPlugin.DefaultPort;
        page = builder.Uri;
        return true;
    }

    private static Dictionary<string, string?> Query(ExplainOrder order)
    {
        ExplainRequest request = order.Request;
        List<string> words = [request.Name.ToString(), DnsTypeText.Format(request.Type)];
        words.AddRange(request.Transport switch
        {
            DnsTransport.Udp => ["+notcp"],
            DnsTransport.Tcp => ["+tcp"],
            DnsTransport.Tls => ["+tls"],
            DnsTransport.Https => ["+https"],
            _ => (string[])[],
        });
        words.AddRange(request.DnssecOk ? ["+dnssec"] : []);
        words.AddRange(request.Recurse ? [] : ["+norecurse"]);
        words.AddRange(order.IsShort ? ["+short"] : []);
        words.AddRange(order.IsJson ? ["+json"] : []);
        Dictionary<string, string?> query = new(StringComparer.Ordinal) { ["q"] = string.Join(' ', words), ["client"] = request.Client.ToString() };
        if (request.ServerPort is { } port)
        {
            query["port"] = port.ToString(CultureInfo.InvariantCulture);
        }

        return query;
    }
}
