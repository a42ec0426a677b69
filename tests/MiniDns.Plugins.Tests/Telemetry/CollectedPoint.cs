using System.Globalization;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Telemetry;

/// <summary>One data point of a message with metrics, by the field numbers of metrics.proto.</summary>
internal sealed record CollectedPoint(string Metric, string Unit, string Kind, string Labels, double Value, string Buckets, double Sum, ulong StartedAt, ulong At)
{
    /// <summary>All points of a message.</summary>
    public static List<CollectedPoint> Read(byte[] message)
    {
        List<CollectedPoint> points = [];
        foreach (ProtoMessage metric in new ProtoMessage(message).All(1).SelectMany(r => r.All(2)).SelectMany(s => s.All(2)))
        {
            (int field, string kind) = metric.Has(5) ? (5, "gauge") : metric.Has(7) ? (7, "sum") : (9, "histogram");
            ProtoMessage data = metric.One(field);
            if (kind != "gauge")
            {
                kind += data.Integer(2) == 2 ? " cumulative" : " delta";
            }

            kind += kind.StartsWith("sum", StringComparison.Ordinal) && data.Integer(3) == 1 ? " monotonic" : "";
            foreach (ProtoMessage point in data.All(1))
            {
                bool isHistogram = field == 9;
                points.Add(new CollectedPoint(
                    metric.Text(1),
                    metric.Text(3),
                    kind,
                    string.Join(',', point.All(isHistogram ? 9 : 7).Select(a => $"{a.Text(1)}={a.One(2).Text(1)}").Order(StringComparer.Ordinal)),
                    isHistogram ? point.Fixed(4) : point.Has(6) ? (long)point.Fixed(6) : point.Double(4),
                    isHistogram ? Spread(point) : "",
                    isHistogram ? point.Double(5) : 0,
                    point.Fixed(2),
                    point.Fixed(3)));
            }
        }

        return points;
    }

    /// <summary>The attributes of a message's resource.</summary>
    public static Dictionary<string, string> Resource(byte[] message) =>
        new ProtoMessage(message).One(1).One(1).All(1).ToDictionary(a => a.Text(1), a => a.One(2).Text(1), StringComparer.Ordinal);

    private static string Spread(ProtoMessage point)
    {
        double[] bounds = [.. point.List(7).Select(BitConverter.UInt64BitsToDouble), double.PositiveInfinity];
        ulong[] counts = point.List(6);
        Assert.Equal(bounds.Length, counts.Length);
        return string.Join(' ', bounds.Zip(counts).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.First}:{p.Second}")));
    }
}
