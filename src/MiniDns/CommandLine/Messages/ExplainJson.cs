using System.Text.Json;
using MiniDns.Protocol.Records;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine.Messages;

/// <summary>The way of a query through the plugins, for programs.</summary>
internal static class ExplainJson
{
    /// <summary>Writes the properties of one object.</summary>
    public static void Write(Utf8JsonWriter json, ExplainRequest request, ExplainReport report)
    {
        json.WriteString("name", request.Name.ToString());
        json.WriteString("type", DnsTypeText.Format(request.Type));
        json.WriteString("client", request.Client.ToString());
        json.WriteString("transport", ExplainText.Transport(report));
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
        JsonOutput.WriteStrings(json, "otherAddresses", report.OtherAddresses);
        json.WriteNumber("microseconds", Math.Round(report.Elapsed.TotalMicroseconds));
        json.WriteBoolean("outdated", report.IsOutdated);
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
    }

    private static void Write(Utf8JsonWriter json, TraceStep step)
    {
        json.WriteStartObject();
        json.WriteString("plugin", step.Plugin);
        json.WriteNumber("depth", step.Depth);
        json.WriteString("name", step.Name.ToString());
        json.WriteString("type", DnsTypeText.Format(step.Type));
        json.WriteString("did", ExplainText.Deed(step));
        json.WriteBoolean("passedOn", step.PassedOn);
        json.WriteBoolean("replied", step.IsAuthor);
        JsonOutput.WriteStrings(json, "asked", step.Asked);
        json.WriteNumber("microseconds", Math.Round(step.Own.TotalMicroseconds, 1));
        json.WriteEndObject();
    }
}
