using BenchmarkDotNet.Attributes;
using MiniDns.Testing.Paths;

namespace MiniDns.Benchmarks;

/// <summary>The steps of a query's way, and the whole way without a socket.</summary>
[MemoryDiagnoser]
public class QueryBenchmarks
{
    private QueryPath? _path;

    /// <summary>Which step.</summary>
    [ParamsSource(nameof(Steps))]
    public string Step { get; set; } = "";

    public static IEnumerable<string> Steps => QueryPath.Names.Where(n => !n.StartsWith("batch", StringComparison.Ordinal));

    // The toolchain does not wait for what is asynchronous.
    [GlobalSetup]
    public void SetUp() => _path = QueryPath.CreateAsync(Step).GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => _path!.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark]
    public void Run() => _path!.Run();
}
