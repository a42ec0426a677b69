using BenchmarkDotNet.Attributes;
using MiniDns.Testing.Paths;

namespace MiniDns.Benchmarks;

/// <summary>A full batch between its two system calls; the figures are for one query of it.</summary>
[MemoryDiagnoser]
public class BatchBenchmarks
{
    private const int QueriesPerBatch = 32;

    private QueryPath? _path;

    /// <summary>Which workload.</summary>
    [ParamsSource(nameof(Workloads))]
    public string Workload { get; set; } = "";

    public static IEnumerable<string> Workloads => QueryPath.Names.Where(n => n.StartsWith("batch", StringComparison.Ordinal));

    // The toolchain does not wait for what is asynchronous.
    [GlobalSetup]
    public void SetUp()
    {
        _path = QueryPath.CreateAsync(Workload).GetAwaiter().GetResult();
        if (_path.QueriesPerRun != QueriesPerBatch)
        {
            throw new InvalidOperationException($"a batch has {_path.QueriesPerRun} queries, which these figures do not know of");
        }
    }

    [GlobalCleanup]
    public void CleanUp() => _path!.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = QueriesPerBatch)]
    public void Run() => _path!.Run();
}
