using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Hosting;
using MiniDns.Server.Running;
using MiniDns.Server.Tests.Shape;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Running;

public sealed class RehearsalTests
{
    private static readonly PluginCatalog Catalog = new(PluginOrder.All);
    private static readonly string Zone = Path.Combine(SourceTree.Root, "src", "MiniDns", "rehearsal.zone");

    [Theory]
    [InlineData("hosts")]
    [InlineData("cache")]
    [InlineData("file")]
    [InlineData("errors log loadbalance cache hosts file forward")]
    public async Task Each_way_is_rehearsed_alone_and_together(string directives) =>
        Assert.True(await Rehearsal.RunAsync(Catalog, directives.Split(' '), Zone, TimeProvider.System) >= 32);

    [Theory]
    [InlineData("whoami", "zone")]
    [InlineData("file", "/nonexistent/zone")]
    public async Task Nothing_to_rehearse_is_no_failure(string directives, string zone) =>
        Assert.Equal(0, await Rehearsal.RunAsync(Catalog, directives.Split(' '), zone, TimeProvider.System));

    [Fact]
    public async Task The_server_does_not_notice_its_rehearsal()
    {
        var metrics = new MetricRegistry();
        var log = new TestLoggerFactory();
        var lines = new CountingLines();
        var services = new DnsServices(log, TimeProvider.System, metrics, new HostFacts(ServerVersion.Name, "test-host")) { Lines = lines };
        string directory = Directory.CreateTempSubdirectory("minidns-").FullName;
        string corefile = Path.Combine(directory, "Corefile");
        await File.WriteAllTextAsync(corefile, ".:0 {\nbind 127.0.0.1\nlog\nerrors\ncache\nhosts /dev/null {\n192.0.2.1 a.example\n}\n}\n");
        var options = new MiniDnsOptions { CorefilePath = corefile, Output = new StringWriter(), RehearsalZone = Zone };
        await using (var service = new DnsServerService(options, Catalog, services))
        {
            await service.StartAsync(CancellationToken.None);
            Assert.Single(service.Addresses);
            Assert.Equal(0, lines.Count);
            Assert.DoesNotContain(log.Lines, l => l.Contains("rehearsal", StringComparison.Ordinal));
            Assert.All(metrics.Snapshot().Where(s => s.Name.Contains("cache_requests", StringComparison.Ordinal) || s.Name.Contains("cache_misses", StringComparison.Ordinal)), s => Assert.Equal(0, s.Read()));
        }

        Directory.Delete(directory, recursive: true);
    }

    private sealed class CountingLines : ILineWriter
    {
        public int Count { get; private set; }

        public bool TryWrite(ReadOnlySpan<byte> line)
        {
            Count++;
            return true;
        }
    }
}
