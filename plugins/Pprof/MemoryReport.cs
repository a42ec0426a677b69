using System.Globalization;
using MiniDns.Diagnostics;
using MiniDns.Zones;

namespace MiniDns.Plugins.Pprof;

/// <summary>What takes the memory: the process as the system sees it, the runtime's heaps, and the large things of ours.</summary>
/// <param name="metrics">Has a gauge for what knows its own size.</param>
internal sealed class MemoryReport(MetricRegistry metrics)
{
    private const string Octets = "octets";
    private const string BytesSuffix = "_bytes";

    /// <summary>The most rows of our own things: the largest.</summary>
    private const int MaxThings = 100;

    private static readonly string[] Heaps = ["generation 0", "generation 1", "generation 2", "large objects", "pinned objects"];

    /// <summary>What has zones; known once the server is wired.</summary>
    public IReadOnlyList<IZoneSource> Zones { get; set; } = [];

    /// <summary>The sections.</summary>
    public IEnumerable<DiagSection> Read()
    {
        yield return new DiagSection("process", Process());
        yield return new DiagSection("managed heap", Heap());
        yield return new DiagSection("ours, the largest first", Things());
    }

    private static List<DiagRow> Process()
    {
        List<DiagRow> rows = [new("in RAM", Environment.WorkingSet, Octets)];
        foreach (string line in ReadLines("/proc/self/smaps_rollup"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string? name = words[0] switch
            {
                "Anonymous:" => "of it memory of its own",
                "Shared_Clean:" => "of it files, shared with others",
                "Private_Clean:" => "of it files, not shared",
                "Swap:" => "swapped out",
                _ => null,
            };
            if (name is not null && words.Length == 3 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes))
            {
                rows.Add(new DiagRow(name, kibibytes * 1024, Octets));
            }
        }

        return rows;
    }

    private static List<DiagRow> Heap()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        List<DiagRow> rows =
        [
            new("allocated now, garbage included", GC.GetTotalMemory(forceFullCollection: false), Octets),
            new("limit for the heap", info.TotalAvailableMemoryBytes, Octets),
        ];
        if (info.Index == 0)
        {
            // The rest is known since the last collection.
            rows.Add(new DiagRow("collections so far", 0));
            return rows;
        }

        rows.Add(new DiagRow("taken from the system", info.TotalCommittedBytes, Octets));
        ReadOnlySpan<GCGenerationInfo> generations = info.GenerationInfo;
        for (int i = 0; i < Math.Min(generations.Length, Heaps.Length); i++)
        {
            rows.Add(new DiagRow(Heaps[i] + " after the last collection", generations[i].SizeAfterBytes, Octets));
            rows.Add(new DiagRow("of it holes", generations[i].FragmentationAfterBytes, Octets));
        }

        rows.Add(new DiagRow("pinned objects", info.PinnedObjectsCount));
        rows.Add(new DiagRow("objects that wait for their finalizer", info.FinalizationPendingCount));
        return rows;
    }

    private List<DiagRow> Things()
    {
        List<DiagRow> rows = [];
        foreach (MetricSeries series in metrics.Snapshot())
        {
            // What the process and the runtime take stands above.
            if (series.Kind == MetricKind.Gauge && series.Name.EndsWith(BytesSuffix, StringComparison.Ordinal)
                && !series.Name.StartsWith("process_", StringComparison.Ordinal) && !series.Name.StartsWith("dotnet_", StringComparison.Ordinal))
            {
                rows.Add(new DiagRow(series.Name[..^BytesSuffix.Length], series.Read(), Octets, string.Join(' ', series.Labels.Where(l => l.Value.Length > 0).Select(l => $"{l.Key}={l.Value}"))));
            }
        }

        foreach (IZoneSource source in Zones.Distinct())
        {
            foreach (ServedZone zone in source.Zones.All)
            {
                if (zone.Current is { } current)
                {
                    rows.Add(new DiagRow("zone", current.Footprint, Octets, string.Create(CultureInfo.InvariantCulture, $"{zone.Origin} {current.NameCount} names, serial {current.Serial}")));
                }
            }
        }

        double all = rows.Sum(r => r.Value);
        List<DiagRow> largest = [new("all of these", all, Octets), .. rows.OrderByDescending(r => r.Value).Take(MaxThings)];
        if (rows.Count > MaxThings)
        {
            largest.Add(new DiagRow("those that are smaller", rows.OrderByDescending(r => r.Value).Skip(MaxThings).Sum(r => r.Value), Octets, string.Create(CultureInfo.InvariantCulture, $"{rows.Count - MaxThings} of them")));
        }

        return largest;
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];      // not Linux, or a kernel without it
        }
    }
}
