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
        registry.Gauge("coredns_build_info", "1, with the version of the server in the labels.", static () => 1, ("version", version), ("revision", ""), ("goversion", "dotnet" + Environment.Version));
        registry.Gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.", static () => StartTime);
        registry.Gauge("process_resident_memory_bytes", "Memory of the process that is in RAM, in octets.", static () => Environment.WorkingSet);
        registry.Gauge("process_virtual_memory_bytes", "Address space of the process, in octets.", static () => Read(static p => p.VirtualMemorySize64));
        registry.Gauge("process_open_fds", "Open file descriptors.", static () => CountFiles());
        registry.Gauge("process_num_threads", "Threads of the process.", static () => Read(static p => p.Threads.Count));
        registry.Gauge("dotnet_total_memory_bytes", "Memory that managed objects take, in octets.", static () => GC.GetTotalMemory(forceFullCollection: false));
        registry.Total("process_cpu_seconds_total", "Processor time of the process, in seconds.", static () => Environment.CpuUsage.TotalTime.TotalSeconds);
        registry.Total("dotnet_gc_pause_seconds_total", "Time that the process stood still for garbage collections, in seconds.", static () => GC.GetTotalPauseDuration().TotalSeconds);
        registry.Total("dotnet_gc_allocated_bytes_total", "Octets allocated by managed code.", static () => GC.GetTotalAllocatedBytes());
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            int counted = generation;
            registry.Total("dotnet_collection_count_total", "Garbage collections.", () => GC.CollectionCount(counted), ("generation", counted.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static double Read(Func<Process, double> read)
    {
        using var process = Process.GetCurrentProcess();
        return read(process);
    }

    private static double CountFiles()
    {
        try
        {
            return Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
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
