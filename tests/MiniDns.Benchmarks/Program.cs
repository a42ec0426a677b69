using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MiniDns.Benchmarks;

//     dotnet run -c Release --project tests/MiniDns.Benchmarks
//     dotnet run -c Release --project tests/MiniDns.Benchmarks -- --filter '*Batch*'
//
// In this process: what BenchmarkDotNet builds for itself elsewhere would obey this repository's rules for source.
BenchmarkSwitcher
    .FromTypes(
    [
        typeof(QueryBenchmarks), typeof(BatchBenchmarks), typeof(SweepBenchmarks), typeof(PoliceBenchmarks), typeof(TelemetryBenchmarks),
        typeof(PluginBenchmarks), typeof(GeoBenchmarks),
    ])
    .Run(args, DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)));
