using System.Text.Json;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Errors;

/// <summary>Lines that are JSON objects (<c>json</c>).</summary>
internal sealed class ErrorsJson : IErrorsOutput
{
    private static readonly JsonEncodedText Debug = JsonEncodedText.Encode("debug");
    private static readonly JsonEncodedText Info = JsonEncodedText.Encode("info");
    private static readonly JsonEncodedText Warning = JsonEncodedText.Encode("warning");
    private static readonly JsonEncodedText Error = JsonEncodedText.Encode("error");

    private readonly DnsServices _services;
    private readonly StripedCounter _dropped;

    /// <summary>Makes the output.</summary>
    public ErrorsJson(DnsServices services)
    {
        _services = services;
        _dropped = services.Metrics.Counter("minidns_errors_dropped_lines_total", "Lines about failures that were dropped because standard output is too slow.");
    }

    /// <inheritdoc/>
    public void Failed(LogLevel level, DnsQuery query, DnsResponseCode code, string reason)
    {
        if (Begin(level) is not { } line)
        {
            return;
        }

        line.Json.WriteNumber("code", (int)code);
        line.Json.WriteString("rcode", DnsResponseCodeText.Format(code));
        line.Json.WriteString("name", query.LowerName.ToString());
        line.Json.WriteString("type", DnsTypeText.Format(query.Type));
        line.Json.WriteString("reason", reason);
        line.Json.WriteString("remote", query.Client.ToIPAddress().ToString());
        End(line);
    }

    /// <inheritdoc/>
    public void Consolidated(LogLevel level, int count, string pattern, string period)
    {
        if (Begin(level) is not { } line)
        {
            return;
        }

        line.Json.WriteNumber("count", count);
        line.Json.WriteString("pattern", pattern);
        line.Json.WriteString("period", period);
        End(line);
    }

    private JsonLine? Begin(LogLevel level)
    {
        if (level == LogLevel.Debug && !_services.Debug.IsOn)
        {
            return null;
        }

        JsonLine line = JsonLine.Begin(_services.Time, level switch
        {
            LogLevel.Debug => Debug,
            LogLevel.Information => Info,
            LogLevel.Warning => Warning,
            _ => Error,
        });
        line.Json.WriteString("plugin", "errors");
        return line;
    }

    private void End(JsonLine line)
    {
        if (!_services.Lines.TryWrite(line.End()))
        {
            _dropped.Increment();
        }
    }
}
