using System.Diagnostics.Metrics;
using MiniDns.Diagnostics;

namespace MiniDns.Telemetry;

/// <summary>The series of one counter or gauge, which OpenTelemetry reads when it collects.</summary>
/// <param name="complain">Takes what is wrong with a series that cannot be read.</param>
internal sealed class SeriesInstrument(Action<string> complain)
{
    /// <summary>The series there are now.</summary>
    public IReadOnlyList<MetricSeries> Series { get; set; } = [];

    /// <summary>Reads them as whole numbers.</summary>
    public IEnumerable<Measurement<long>> ReadWhole() => Read(v => (long)v);

    /// <summary>Reads them.</summary>
    public IEnumerable<Measurement<double>> ReadAny() => Read(v => v);

    private List<Measurement<T>> Read<T>(Func<double, T> convert)
        where T : struct
    {
        List<Measurement<T>> read = new(Series.Count);
        foreach (MetricSeries series in Series)
        {
            // NaN is what the system does not tell.
            if (TryRead(series, out double value) && !double.IsNaN(value))
            {
                read.Add(new Measurement<T>(convert(value), MetricExport.LabelsOf(series)));
            }
        }

        return read;
    }

    private bool TryRead(MetricSeries series, out double value)
    {
        try
        {
            value = series.Read();
            return true;
        }
        catch (Exception e)
        {
            // A gauge that cannot be read now may be next time; the others go without it.
            complain($"{series.Name} cannot be read: {e.Message}");
            value = 0;
            return false;
        }
    }
}
