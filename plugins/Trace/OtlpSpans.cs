using System.Buffers.Binary;
using MiniDns.Plugins.Collectors;

namespace MiniDns.Plugins.Trace;

/// <summary>Writes traces as OTLP has them (an ExportTraceServiceRequest).</summary>
internal static class OtlpSpans
{
    private const int Internal = 1;
    private const int Server = 2;
    private const int Client = 3;
    private const int Failed = 2;

    /// <summary>Writes a message.</summary>
    public static void Write(ProtobufWriter writer, CollectorSettings settings, IReadOnlyList<TraceRecord> records)
    {
        writer.Clear();
        int resource = writer.Begin(1);
        OtlpResource.WriteResource(writer, settings);
        int scope = writer.Begin(2);
        OtlpResource.WriteScope(writer);
        foreach (TraceRecord record in records)
        {
            WriteRecord(writer, record);
        }

        writer.End(scope);
        writer.End(resource);
    }

    private static void WriteRecord(ProtobufWriter writer, TraceRecord record)
    {
        Span<byte> trace = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(trace, record.High);
        BinaryPrimitives.WriteUInt64BigEndian(trace[8..], record.Low);
        Span<byte> id = stackalloc byte[8];
        ReadOnlySpan<SpanData> spans = record.Spans;
        foreach (ref readonly SpanData data in spans)
        {
            int span = writer.Begin(2);
            writer.WriteBytes(1, trace);
            BinaryPrimitives.WriteUInt64BigEndian(id, data.Id);
            writer.WriteBytes(2, id);
            if (data.Parent >= 0)
            {
                BinaryPrimitives.WriteUInt64BigEndian(id, spans[data.Parent].Id);
                writer.WriteBytes(4, id);
            }

            writer.WriteString(5, data.Name);
            writer.WriteInteger(6, data.Parent < 0 ? Server : data.IsClient ? Client : Internal);
            writer.WriteFixed(7, record.Nanoseconds(data.Start));
            writer.WriteFixed(8, record.Nanoseconds(data.End));
            foreach ((string name, string value) in data.Tags ?? [])
            {
                OtlpResource.WriteAttribute(writer, 9, name, value);
            }

            if (data.Error is { } error)
            {
                int status = writer.Begin(15);
                writer.WriteString(2, error);
                writer.WriteInteger(3, Failed);
                writer.End(status);
            }

            writer.End(span);
        }
    }
}
