using System.Diagnostics;
using System.Globalization;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Prometheus;

/// <summary>What the process takes of the machine, and what the runtime does, under the names that other exporters use.</summary>
internal static class ProcessMetrics
{
    private static readonly double StartTime = ReadStartTime();

    /// <summary>Sets the gauges.</summary>
    public static void Publish(MetricRegistry registry, HostFacts host)
    {
        string version = host.Version.Split('-', 2) is [_, var number] ? number : host.Version;
        registry.Gauge("coredns_build_info", "1, with the version of the server in the labels.", static () => 1, ("version", version), ("revision", host.Revision), ("goversion", "dotnet" + Environment.Version));
        registry.Gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.", static () => StartTime);
        registry.Gauge("process_resident_memory_bytes", "Memory of the process that is in RAM, in octets.", static () => Environment.WorkingSet);
        registry.Gauge("process_virtual_memory_bytes", "Address space of the process, in octets.", static () => ReadAddressSpace());
        registry.Gauge("process_open_fds", "Open file descriptors.", static () => Count("/proc/self/fd"));
        registry.Gauge("process_max_fds", "The most file descriptors that may be open.", static () => ReadLimit("Max open files"));
        registry.Gauge("process_virtual_memory_max_bytes", "The most address space that may be taken, in octets.", static () => ReadLimit("Max address space"));
        registry.Gauge("process_num_threads", "Threads of the process.", static () => Count("/proc/self/task"));
        registry.Gauge("dotnet_total_memory_bytes", "Memory that managed objects take, in octets.", static () => GC.GetTotalMemory(forceFullCollection: false));
        registry.Gauge("dotnet_threadpool_threads", "Threads of the thread pool.", static () => ThreadPool.ThreadCount);
        registry.Gauge("dotnet_threadpool_queue_length", "Work that waits for a thread of the pool.", static () => ThreadPool.PendingWorkItemCount);
        registry.Gauge("dotnet_gc_committed_bytes", "Memory that the collector has taken from the system, in octets.", static () => GC.GetGCMemoryInfo().TotalCommittedBytes);
        registry.Total("process_network_receive_bytes_total", "Octets that the process's network namespace received over IP.", static () => ReadNetwork("InOctets"));
        registry.Total("process_network_transmit_bytes_total", "Octets that the process's network namespace sent over IP.", static () => ReadNetwork("OutOctets"));
        registry.Total("process_cpu_seconds_total", "Processor time of the process, in seconds.", static () => Environment.CpuUsage.TotalTime.TotalSeconds);
        registry.Total("dotnet_gc_pause_seconds_total", "Time that the process stood still for garbage collections, in seconds.", static () => GC.GetTotalPauseDuration().TotalSeconds);
        registry.Total("dotnet_gc_allocated_bytes_total", "Octets allocated by managed code.", static () => GC.GetTotalAllocatedBytes());
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            int counted = generation;
            registry.Total("dotnet_collection_count_total", "Garbage collections.", () => GC.CollectionCount(counted), ("generation", counted.ToString(CultureInfo.InvariantCulture)));
        }
    }

    // Process would read a file for each thread to tell any of these.
    private static double Count(string directory)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(directory).Count();
        }
        catch (IOException)
        {
            return double.NaN;
        }
    }

    private static double ReadAddressSpace()
    {
        try
        {
            return double.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return double.NaN;
        }
    }

    /// <summary>A limit of the process; infinite when it has none, or the system does not tell.</summary>
    private static double ReadLimit(string name)
    {
        try
        {
            string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            string[] words = line is null ? [] : line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length > 0 && double.TryParse(words[0], CultureInfo.InvariantCulture, out double limit) ? limit : double.PositiveInfinity;
        }
        catch (IOException)
        {
            return double.PositiveInfinity;
        }
    }

    /// <summary>A number of the kernel's about IP, from a file of pairs of lines: names, and numbers below them.</summary>
    private static double ReadNetwork(string name)
    {
        try
        {
            string[] lines = [.. File.ReadLines("/proc/self/net/netstat").Where(l => l.StartsWith("IpExt:", StringComparison.Ordinal))];
            int index = lines.Length < 2 ? -1 : Array.IndexOf(lines[0].Split(' '), name);
            return index > 0 ? double.Parse(lines[1].Split(' ')[index], CultureInfo.InvariantCulture) : double.NaN;
        }
        catch (IOException)
        {
            return double.NaN;
        }
    }

    private static double ReadStartTime()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
    }
}
