using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace MiniDns.Telemetry;

/// <summary>Writes spans as Zipkin's second interface has them: a list in JSON.</summary>
internal static class ZipkinSpans
{
    /// <summary>Writes a message.</summary>
    public static void Write(ArrayBufferWriter<byte> writer, string service, IReadOnlyList<Activity> spans)
    {
        writer.ResetWrittenCount();
        using Utf8JsonWriter json = new(writer);
        json.WriteStartArray();
        foreach (Activity span in spans)
        {
            WriteSpan(json, span, service);
        }

        json.WriteEndArray();
    }

    private static void WriteSpan(Utf8JsonWriter json, Activity span, string service)
    {
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId.ToHexString());
        json.WriteString("id", span.SpanId.ToHexString());
        if (span.ParentSpanId != default)
        {
            json.WriteString("parentId", span.ParentSpanId.ToHexString());
        }

        json.WriteString("name", span.DisplayName);
        if (span.Kind != ActivityKind.Internal)
        {
            json.WriteString("kind", span.Kind == ActivityKind.Server ? "SERVER" : "CLIENT");
        }

        // Microseconds, and at least one of them.
        json.WriteNumber("timestamp", (span.StartTimeUtc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        json.WriteNumber("duration", Math.Max(1, span.Duration.Ticks / TimeSpan.TicksPerMicrosecond));
        json.WriteStartObject("localEndpoint");
        json.WriteString("serviceName", service);
        json.WriteEndObject();
        json.WriteStartObject("tags");
        foreach ((string name, string? value) in span.Tags)
        {
            json.WriteString(name, value);
        }

        if (span.Status == ActivityStatusCode.Error)
        {
            json.WriteString("error", span.StatusDescription);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
