using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using MiniDns.Plugins;
using MiniDns.Server.Hosting;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine;

/// <summary>The page <c>/explain</c> of a running server: <c>?q=NAME+TYPE&amp;client=IP&amp;port=N&amp;x=ADDRESS&amp;json</c>.</summary>
internal static class ExplainPage
{
    /// <summary>There is an explanation, but the query got no reply.</summary>
    public const int NoReply = 504;

    /// <summary>Makes the page.</summary>
    /// <param name="server">The server.</param>
    /// <param name="query">The page's query string.</param>
    /// <param name="cancellationToken">The client is gone.</param>
    public static async Task<HttpSideReply> GetAsync(DnsServerService server, string query, CancellationToken cancellationToken)
    {
        Dictionary<string, StringValues> values = QueryHelpers.ParseQuery(query);
        string[] words = Value("q")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        int? port = null;
        if (Value("port") is { } text)
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
            {
                return new HttpSideReply(400, $"port: '{text}' is not a port: a number from 0 to 65535\n");
            }

            port = number;
        }

        if (ExplainOrder.Read(words, Value("x"), Value("client"), port, values.ContainsKey("json"), out string? error) is not { } order)
        {
            return new HttpSideReply(400, error + "\n");
        }

        if (await server.ExplainAsync(order.Request, cancellationToken) is not { } report)
        {
            return new HttpSideReply(503, "a reload or another explanation is under way; try again\n");
        }

        if (report.Check.Errors > 0)
        {
            return new HttpSideReply(422, string.Concat(report.Check.Findings.Select(f => f + "\n")));
        }

        return new HttpSideReply(report.Reply.Length == 0 ? NoReply : 200, order.Show(report), order.IsJson ? "application/json" : "text/plain; charset=utf-8");

        string? Value(string name) => values.TryGetValue(name, out StringValues found) && !StringValues.IsNullOrEmpty(found) ? found.ToString() : null;
    }
}
