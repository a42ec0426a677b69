using System.Globalization;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine.Messages;

/// <summary>The way of a query through the plugins, for people.</summary>
internal static class ExplainText
{
    /// <summary>Writes the way of a query, and the answer.</summary>
    /// <param name="output">Takes the text.</param>
    /// <param name="request">The query.</param>
    /// <param name="report">What became of it; a configuration without errors.</param>
    /// <param name="isShort">True for only the data of the answer.</param>
    public static void Write(TextWriter output, ExplainRequest request, ExplainReport report, bool isShort)
    {
        output.WriteLine($"{request.Name} {DnsTypeText.Format(request.Type)} from {request.Client} over {Transport(report)}");
        if (report.OtherAddresses.Count > 0)
        {
            string what = request.ServerPort is { } port ? $"nothing listens on port {port}" : "nothing is served so";
            output.WriteLine($"{what}: the Corefile serves {string.Join(", ", report.OtherAddresses)}");
            return;
        }

        output.WriteLine(report.Block is { } block
            ? $"{block.Span} takes it, for the zone {report.Zone} of {string.Join(' ', block.Keys)}"
            : "no block takes it: no zone of the Corefile holds the name, so it is refused");
        if (report.IsOutdated)
        {
            output.WriteLine("files of the configuration have changed since the server read them");
        }

        foreach (string plugin in report.NotReady)
        {
            output.WriteLine($"{plugin} did not become ready");
        }

        // What varies most in width stands last, so that it may run on into the next line of a narrow terminal.
        List<(string Plugin, string Time, string Deed)> rows = [.. report.Steps.Select(s => (new string(' ', 2 * s.Depth) + s.Plugin, Duration(s.Own), Deed(s)))];
        int width = rows.Select(r => r.Plugin.Length).DefaultIfEmpty(0).Max();
        output.WriteLine();
        foreach ((string plugin, string time, string deed) in rows)
        {
            output.WriteLine($"    {plugin.PadRight(width)}  {time,8}  {deed}");
        }

        output.WriteLine(rows.Count > 0 ? "" : "    no plugin saw it\n");
        if (report.Upstreams.Count > 0)
        {
            output.WriteLine("asked upstream " + string.Join(", ", report.Upstreams));
        }

        output.WriteLine(report.TimedOut ? $"no answer after {Duration(report.Elapsed)}" : $"took {Duration(report.Elapsed)}{(report.IsOfRunning ? "" : " (the first query after a start)")}");
        output.WriteLine();
        if (MessageText.Read(report.Reply.Span) is not { } message)
        {
            output.WriteLine("there is no reply");
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

    /// <summary>What the query comes over.</summary>
    public static string Transport(ExplainReport report) => report.Transport switch
    {
        DnsTransport.Tcp => "tcp",
        DnsTransport.Tls => "tls",
        DnsTransport.Https => "https",
        _ => "udp",
    };

    private static string Duration(TimeSpan time) => time.TotalMilliseconds >= 10
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F0} ms")
        : time.TotalMilliseconds >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:F0} µs");
}
