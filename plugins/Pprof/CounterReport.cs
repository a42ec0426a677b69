using System.Runtime;

namespace MiniDns.Plugins.Pprof;

/// <summary>What goes on: totals since the start, and how fast they grow now.</summary>
internal sealed class CounterReport(DnsServices services)
{
    private static readonly (string Name, string Unit, Func<ServerControl, double> Read)[] Totals =
    [
        ("messages received", "", static s => s.ReceivedMessages),
        ("processor time", "s", static _ => Environment.CpuUsage.TotalTime.TotalSeconds),
        ("of it in the kernel", "s", static _ => Environment.CpuUsage.PrivilegedTime.TotalSeconds),
        ("allocated", "octets", static _ => GC.GetTotalAllocatedBytes()),
        ("collections of generation 0", "", static _ => GC.CollectionCount(0)),
        ("collections of generation 1", "", static _ => GC.CollectionCount(1)),
        ("collections of generation 2", "", static _ => GC.CollectionCount(2)),
        ("stood still for collections", "s", static _ => GC.GetTotalPauseDuration().TotalSeconds),
        ("waits for a lock", "", static _ => Monitor.LockContentionCount),
        ("work items of the thread pool", "", static _ => ThreadPool.CompletedWorkItemCount),
        ("methods compiled", "", static _ => JitInfo.GetCompiledMethodCount()),
        ("time spent compiling", "s", static _ => JitInfo.GetCompilationTime().TotalSeconds),
    ];

    /// <summary>Measures for a while.</summary>
    /// <param name="span">How long.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<IReadOnlyList<DiagSection>> ReadAsync(TimeSpan span, CancellationToken cancellationToken)
    {
        long start = services.Time.GetTimestamp();
        double[] before = Read();
        await Task.Delay(span, services.Time, cancellationToken).ConfigureAwait(false);
        double[] after = Read();
        double seconds = Math.Max(0.001, services.Time.GetElapsedTime(start).TotalSeconds);
        return
        [
            new DiagSection("a second", [.. Totals.Select((t, i) => new DiagRow(t.Name, (after[i] - before[i]) / seconds, t.Unit))]),
            new DiagSection("since the start", [.. Totals.Select((t, i) => new DiagRow(t.Name, after[i], t.Unit))]),
            new DiagSection("now", Now()),
        ];
    }

    private static List<DiagRow> Now()
    {
        GCMemoryInfo last = GC.GetGCMemoryInfo(GCKind.Any);
        return
        [
            new("processors", Environment.ProcessorCount),
            new("threads of the pool", ThreadPool.ThreadCount),
            new("work items that wait for one", ThreadPool.PendingWorkItemCount),
            new("timers", Timer.ActiveCount),
            new("of all time stood still for collections", last.PauseTimePercentage, "%"),
            new("collector for servers (0: for workstations)", GCSettings.IsServerGC ? 1 : 0),

            // Before the first one there is nothing to tell.
            .. last.Index == 0
                ? (DiagRow[])[]
                : [new("generation of the last collection", last.Generation), new("it stood still for", last.PauseDurations is [var first, ..] ? first.TotalMilliseconds : 0, "ms")],
        ];
    }

    private double[] Read() => [.. Totals.Select(t => t.Read(services.Server))];
}
