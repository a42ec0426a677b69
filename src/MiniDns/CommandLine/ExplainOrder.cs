using System.Net;
using MiniDns.CommandLine.Messages;
using MiniDns.Configuration;
using MiniDns.Queries;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine;

/// <summary>What is to be explained, and how that is to be shown.</summary>
internal sealed class ExplainOrder
{
    private ExplainOrder(ExplainRequest request, bool isJson, bool isShort) => (Request, IsJson, IsShort) = (request, isJson, isShort);

    /// <summary>The query.</summary>
    public ExplainRequest Request { get; }

    /// <summary>True for JSON, false for text.</summary>
    public bool IsJson { get; }

    /// <summary>True when only the data of the answer is shown.</summary>
    public bool IsShort { get; }

    /// <summary>Reads an order.</summary>
    /// <param name="words">Name, type and options, as dig takes them.</param>
    /// <param name="address">The address whose name is asked for; null for none.</param>
    /// <param name="client">Where the query comes from; null for 127.0.0.1.</param>
    /// <param name="port">The server's port that it comes to; null for any.</param>
    /// <param name="isJson">True for JSON, false for text.</param>
    /// <param name="error">What is wrong, if anything is.</param>
    public static ExplainOrder? Read(IReadOnlyList<string> words, string? address, string? client, int? port, bool isJson, out string? error)
    {
        IPAddress? from = IPAddress.Loopback;
        if (client is not null && !AddressText.TryParseAddress(client, out from))
        {
            error = $"--client: '{client}' is not an IP address";
            return null;
        }

        if (QuestionWords.Read(words, takesServer: false, address, out error) is not { } question)
        {
            return null;
        }

        var request = new ExplainRequest(question.Name!, question.Type)
        {
            Client = from!,
            Transport = question.Transport,
            DnssecOk = question.Dnssec,
            Recurse = question.Recurse,
            ServerPort = port,
        };
        return new ExplainOrder(request, isJson || question.Json, question.Short);
    }

    /// <summary>Shows what became of the query.</summary>
    public string Show(ExplainReport report)
    {
        using var text = new StringWriter { NewLine = "\n" };
        if (IsJson)
        {
            text.WriteLine(JsonOutput.Format(json => ExplainJson.Write(json, Request, report)));
        }
        else
        {
            ExplainText.Write(text, Request, report, IsShort);
        }

        return text.ToString();
    }
}
