using BenchmarkDotNet.Attributes;
using MiniDns.Testing.Paths;

namespace MiniDns.Benchmarks;

/// <summary>What a plugin that looks on adds to a query: the same batch without it and with it. The figures are for one query.</summary>
[MemoryDiagnoser]
public class PluginBenchmarks
{
    private const int QueriesPerBatch = 32;
    private const string Zone = "file {DIR}/zone example.org";

    private QueryPath? _path;

    /// <summary>The plugin.</summary>
    [Params("none", "prometheus", "log", "proxyproto")]
    public string Plugin { get; set; } = "";

    // The toolchain does not wait for what is asynchronous.
    [GlobalSetup]
    public void SetUp() => _path = QueryPath.CreateAsync(Make()).GetAwaiter().GetResult();

    [GlobalCleanup]
    public void CleanUp() => _path!.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = QueriesPerBatch)]
    public void Run() => _path!.Run();

    private BatchPath Make() => Plugin switch
    {
        "prometheus" => Behind("prometheus 127.0.0.1:0"),
        "log" => Behind("log {\nsample 1/1000000000\n}"),
        "proxyproto" => Behind("proxyproto {\nallow 127.0.0.0/8\n}", isProxied: true),
        _ => Behind(""),
    };

    private static BatchPath Behind(string plugin, bool isProxied = false) => new(plugin + "\n" + Zone, "host{0}.example.org.", isProxied);
}
