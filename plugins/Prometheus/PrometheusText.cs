using System.Globalization;
using System.Text;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Prometheus;

/// <summary>Writes series in Prometheus's text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    /// <summary>Writes all series.</summary>
    /// <param name="series">The series, those of one metric together.</param>
    public static string Write(IReadOnlyList<MetricSeries> series)
    {
        var text = new StringBuilder(16 * 1024);
        string? metric = null;
        foreach (MetricSeries one in series)
        {
            if (one.Name != metric)
            {
                metric = one.Name;
                text.Append("# HELP ").Append(metric).Append(' ').Append(one.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
                text.Append("# TYPE ").Append(metric).Append(one.Kind switch
                {
                    MetricKind.Counter => " counter\n",
                    MetricKind.Histogram => " histogram\n",
                    _ => " gauge\n",
                });
            }

            if (one.Histogram is { } histogram)
            {
                Write(text, one, histogram);
            }
            else
            {
                Line(text, one.Name, "", one.Labels, null, one.Read());
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, MetricSeries series, StripedHistogram histogram)
    {
        ReadOnlySpan<double> bounds = histogram.Bounds;
        Span<long> counts = stackalloc long[bounds.Length + 1];
        histogram.Read(counts, out double sum);
        for (int i = 0; i < counts.Length; i++)
        {
            Line(text, series.Name, "_bucket", series.Labels, i < bounds.Length ? Number(bounds[i]) : "+Inf", counts[i]);
        }

        Line(text, series.Name, "_sum", series.Labels, null, sum);
        Line(text, series.Name, "_count", series.Labels, null, counts[^1]);
    }

    private static void Line(StringBuilder text, string name, string suffix, IReadOnlyList<KeyValuePair<string, string>> labels, string? bound, double value)
    {
        text.Append(name).Append(suffix);
        char before = '{';
        foreach ((string label, string content) in labels)
        {
            text.Append(before).Append(label).Append("=\"");
            Escape(text, content);
            text.Append('"');
            before = ',';
        }

        if (bound is not null)
        {
            text.Append(before).Append("le=\"").Append(bound).Append('"');
            before = ',';
        }

        text.Append(before == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private static void Escape(StringBuilder text, string content)
    {
        foreach (char c in content)
        {
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(c),
            };
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
