using MiniDns.Diagnostics;

namespace MiniDns.Plugins.NameLists;

/// <summary>What the metrics tell of the lists. Holds numbers only, so that a registry does not keep old names alive.</summary>
internal sealed class ListGauges
{
    private readonly StripedCounter[] _failures;
    private readonly string _prefix;
    private readonly string[] _lists;
    private readonly long[] _names;
    private readonly long[] _malformed;
    private long _octets;

    /// <summary>Makes the counters visible.</summary>
    public ListGauges(MetricRegistry registry, NameListOptions options)
    {
        _prefix = options.MetricPrefix;
        _lists = [.. options.Lists.Select(l => l.Name)];
        _names = new long[_lists.Length];
        _malformed = new long[_lists.Length];
        _failures = [.. _lists.Select(l => registry.Counter(_prefix + "_load_failures_total", "Times that a list could not be read.", ("list", l)))];
    }

    /// <summary>Makes the gauges visible, in the place of those of an earlier configuration.</summary>
    public void Publish(MetricRegistry registry)
    {
        for (int i = 0; i < _lists.Length; i++)
        {
            int list = i;
            registry.Gauge(_prefix + "_names", "Names of a list.", () => Volatile.Read(ref _names[list]), ("list", _lists[i]));
            registry.Gauge(_prefix + "_malformed_lines", "Lines of a list that are malformed.", () => Volatile.Read(ref _malformed[list]), ("list", _lists[i]));
        }

        registry.Gauge(_prefix + "_bytes", "Memory that all names take, in octets.", () => Volatile.Read(ref _octets));
    }

    /// <summary>Takes over the numbers of the lists before.</summary>
    public void CopyFrom(ListGauges other)
    {
        other._names.CopyTo(_names, 0);
        other._malformed.CopyTo(_malformed, 0);
        _octets = other._octets;
    }

    /// <summary>Notes what a list holds.</summary>
    public void Set(int list, long names, long malformed)
    {
        Volatile.Write(ref _names[list], names);
        Volatile.Write(ref _malformed[list], malformed);
    }

    /// <summary>Notes what all lists take.</summary>
    public void SetOctets(long octets) => Volatile.Write(ref _octets, octets);

    /// <summary>Counts a list that could not be read.</summary>
    public void Failed(int list) => _failures[list].Increment();
}
