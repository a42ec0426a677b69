using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MiniDns.Plugins.Collectors;

namespace MiniDns.Plugins.Trace;

/// <summary>Writes traces as Zipkin's second interface has them: a list of spans in JSON.</summary>
internal static class ZipkinSpans
{
    /// <summary>Writes a message.</summary>
    public static void Write(ArrayBufferWriter<byte> writer, CollectorSettings settings, IReadOnlyList<TraceRecord> records)
    {
        writer.ResetWrittenCount();
        string service = settings.Resource.First(a => a.Key == "service.name").Value;
        using Utf8JsonWriter json = new(writer);
        json.WriteStartArray();
        foreach (TraceRecord record in records)
        {
            string trace = record.TraceId;
            ReadOnlySpan<SpanData> spans = record.Spans;
            foreach (ref readonly SpanData span in spans)
            {
                WriteSpan(json, record, trace, span, span.Parent < 0 ? null : Hex(spans[span.Parent].Id), service);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteSpan(Utf8JsonWriter json, TraceRecord record, string trace, in SpanData span, string? parent, string service)
    {
        json.WriteStartObject();
        json.WriteString("traceId", trace);
        json.WriteString("id", Hex(span.Id));
        if (parent is not null)
        {
            json.WriteString("parentId", parent);
        }

        json.WriteString("name", span.Name);
        if (parent is null || span.IsClient)
        {
            json.WriteString("kind", parent is null ? "SERVER" : "CLIENT");
        }

        // Microseconds, and at least one of them.
        ulong start = record.Nanoseconds(span.Start) / 1000;
        json.WriteNumber("timestamp", start);
        json.WriteNumber("duration", Math.Max(1, (record.Nanoseconds(span.End) / 1000) - start));
        json.WriteStartObject("localEndpoint");
        json.WriteString("serviceName", service);
        json.WriteEndObject();
        json.WriteStartObject("tags");
        foreach ((string name, string value) in span.Tags ?? [])
        {
            json.WriteString(name, value);
        }

        if (span.Error is { } error)
        {
            json.WriteString("error", error);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Hex(ulong id) => id.ToString("x16", CultureInfo.InvariantCulture);
}
