using MiniDns.Diagnostics;
using MiniDns.Plugins.Collectors;

namespace MiniDns.Plugins.Telemetry;

/// <summary>Writes series as OTLP has them (an ExportMetricsServiceRequest): totals since the start of the process.</summary>
internal static class OtlpMetrics
{
    private const int Cumulative = 2;

    /// <summary>Writes a message.</summary>
    /// <param name="writer">Takes the message.</param>
    /// <param name="settings">Tells the resource.</param>
    /// <param name="series">The series, those of one metric together.</param>
    /// <param name="startedAt">Since when the totals count, in nanoseconds since 1970.</param>
    /// <param name="now">The time, in nanoseconds since 1970.</param>
    public static void Write(ProtobufWriter writer, CollectorSettings settings, IReadOnlyList<MetricSeries> series, ulong startedAt, ulong now)
    {
        writer.Clear();
        int resource = writer.Begin(1);
        OtlpResource.WriteResource(writer, settings);
        int scope = writer.Begin(2);
        OtlpResource.WriteScope(writer);
        for (int i = 0; i < series.Count;)
        {
            int end = i + 1;
            while (end < series.Count && series[end].Name == series[i].Name && series[end].Kind == series[i].Kind)
            {
                end++;
            }

            WriteMetric(writer, series, i, end, startedAt, now);
            i = end;
        }

        writer.End(scope);
        writer.End(resource);
    }

    /// <summary>The unit in the notation of UCUM, by the ending of the name.</summary>
    private static string UnitOf(string name) =>
        name.EndsWith("_seconds", StringComparison.Ordinal) || name.EndsWith("_seconds_total", StringComparison.Ordinal) ? "s"
            : name.EndsWith("_bytes", StringComparison.Ordinal) || name.EndsWith("_bytes_total", StringComparison.Ordinal) ? "By" : "";

    private static void WriteMetric(ProtobufWriter writer, IReadOnlyList<MetricSeries> series, int from, int to, ulong startedAt, ulong now)
    {
        MetricSeries first = series[from];
        int metric = writer.Begin(2);
        writer.WriteString(1, first.Name);
        writer.WriteString(2, first.Help);
        if (UnitOf(first.Name) is { Length: > 0 } unit)
        {
            writer.WriteString(3, unit);
        }

        int data = writer.Begin(first.Kind switch
        {
            MetricKind.Gauge => 5,
            MetricKind.Counter => 7,
            _ => 9,
        });
        for (int i = from; i < to; i++)
        {
            if (series[i].Histogram is { } histogram)
            {
                WritePoint(writer, series[i], histogram, startedAt, now);
            }
            else
            {
                WritePoint(writer, series[i], startedAt, now);
            }
        }

        if (first.Kind != MetricKind.Gauge)
        {
            writer.WriteInteger(2, Cumulative);
        }

        if (first.Kind == MetricKind.Counter)
        {
            writer.WriteInteger(3, 1);      // only grows
        }

        writer.End(data);
        writer.End(metric);
    }

    private static void WritePoint(ProtobufWriter writer, MetricSeries series, ulong startedAt, ulong now)
    {
        double value = series.Read();
        if (double.IsNaN(value))
        {
            // What the system does not tell.
            return;
        }

        int point = writer.Begin(1);
        if (series.Kind == MetricKind.Counter)
        {
            writer.WriteFixed(2, startedAt);
        }

        writer.WriteFixed(3, now);
        if (series.IsWhole)
        {
            writer.WriteFixed(6, (ulong)(long)value);
        }
        else
        {
            writer.WriteDouble(4, value);
        }

        WriteLabels(writer, 7, series);
        writer.End(point);
    }

    private static void WritePoint(ProtobufWriter writer, MetricSeries series, StripedHistogram histogram, ulong startedAt, ulong now)
    {
        ReadOnlySpan<double> bounds = histogram.Bounds;
        Span<long> cumulative = stackalloc long[bounds.Length + 1];
        histogram.Read(cumulative, out double sum);
        int point = writer.Begin(1);
        writer.WriteFixed(2, startedAt);
        writer.WriteFixed(3, now);
        writer.WriteFixed(4, (ulong)cumulative[^1]);
        writer.WriteDouble(5, sum);
        int counts = writer.Begin(6);
        long before = 0;
        foreach (long upTo in cumulative)
        {
            writer.AppendFixed((ulong)(upTo - before));
            before = upTo;
        }

        writer.End(counts);
        int edges = writer.Begin(7);
        foreach (double bound in bounds)
        {
            writer.AppendFixed(BitConverter.DoubleToUInt64Bits(bound));
        }

        writer.End(edges);
        WriteLabels(writer, 9, series);
        writer.End(point);
    }

    private static void WriteLabels(ProtobufWriter writer, int field, MetricSeries series)
    {
        foreach ((string name, string value) in series.Labels)
        {
            OtlpResource.WriteAttribute(writer, field, name, value);
        }
    }
}
