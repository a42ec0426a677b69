using System.Net;
using MiniDns.Configuration;
using MiniDns.Zones;

namespace MiniDns.Plugins.Pprof;

/// <summary>The directive <c>pprof</c>: pages that show what goes on inside the process.</summary>
public sealed class PprofPlugin : IDnsPlugin
{
    private const int DefaultPort = 6053;

    /// <inheritdoc/>
    public string Name => "pprof";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        IPEndPoint address = new(IPAddress.Loopback, DefaultPort);
        address = reader.HasArgument ? HttpSideAddress.Read(reader, address) : address;
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["block"] = p =>
            {
                // Go's rate of sampling; waits for locks are always counted here.
                int rate = p.HasArgument ? p.Int(int.MinValue, int.MaxValue, 1) : 1;
                p.Warning($"has no effect: waits for locks are counted always, not sampled at a rate of {rate}");
            },
        });

        var memory = new MemoryReport(setup.Services.Metrics);
        setup.WhenServerWired(server => memory.Zones = server.All<IZoneSource>());
        foreach (HttpSideEndpoint page in new PprofPages(setup.Services, memory).At(address, Name))
        {
            setup.Serve(page);
        }
    }
}
