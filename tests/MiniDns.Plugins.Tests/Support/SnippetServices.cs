using MiniDns.Diagnostics;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>What a plugin under test may use, with everything it says kept.</summary>
internal sealed class SnippetServices
{
    public TestTimeProvider Time { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public LogBook Log { get; } = new();

    public LineBook Lines { get; } = new();

    public double Metric(string name) => Metrics.Snapshot().Single(m => m.Name == name).Read();

    public DnsServices Build() => new(Log, Time, Metrics, new HostFacts("MiniDns-9.8.7", "host-7")) { Lines = Lines };
}
