using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Hosts;

/// <summary>The gauges of one hosts file. Holds numbers only, so that a registry does not keep old data alive.</summary>
internal sealed class HostsMetrics
{
    private double _entries;
    private double _reloaded;

    /// <summary>Sets what the gauges tell.</summary>
    /// <param name="entries">How many records there are.</param>
    /// <param name="fileTime">The file's modification time; null when no file was read.</param>
    public void Set(long entries, DateTime? fileTime)
    {
        Volatile.Write(ref _entries, entries);
        if (fileTime is { } time)
        {
            Volatile.Write(ref _reloaded, (time - DateTime.UnixEpoch).TotalSeconds);
        }
    }

    /// <summary>Makes the gauges visible, in the place of those of an earlier configuration.</summary>
    public void Publish(MetricRegistry registry, string path)
    {
        registry.Gauge("coredns_hosts_entries", "The combined number of entries in hosts and Corefile.", () => Volatile.Read(ref _entries), ("hostsfile", path));
        registry.Gauge("coredns_hosts_reload_timestamp_seconds", "The timestamp of the last reload of hosts file.", () => Volatile.Read(ref _reloaded));
    }
}
