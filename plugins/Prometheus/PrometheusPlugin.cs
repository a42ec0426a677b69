using System.Net;
using MiniDns.Configuration;
using MiniDns.Plugins.Capabilities;

namespace MiniDns.Plugins.Prometheus;

/// <summary>The directive <c>prometheus</c>.</summary>
public sealed class PrometheusPlugin : IDnsPlugin
{
    private const int DefaultPort = 9153;

    /// <inheritdoc/>
    public string Name => "prometheus";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        IPEndPoint address = new(IPAddress.Loopback, DefaultPort);
        address = reader.HasArgument ? HttpSideAddress.Read(reader, address) : address;
        bool everything = false;
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["runtime_metrics"] = p =>
            {
                p.End();
                everything = true;
            },
        });

        DnsServices services = setup.Services;
        ServerBlockInfo block = setup.Block;
        block.TracksPlugins = true;
        var queries = new QueryMetrics(services.Metrics, services.Time, block);
        setup.Use(next => new PrometheusHandler(next, queries));
        setup.Provide<IStrayObserver>(new StrayMetrics(services.Metrics, services.Time));
        ProcessMetrics.Publish(services.Metrics, services.Host);
        setup.WhenWired(_ => PublishPlugins(services.Metrics.Gauge, block));
        if (everything)
        {
            setup.Run(new RuntimeMeters(services.Metrics));
        }

        setup.Serve(new HttpSideEndpoint(address, "/metrics", (_, _) => new ValueTask<HttpSideReply>(Page(services)), Name));
    }

    private static HttpSideReply Page(DnsServices services) =>
        new(200, PrometheusText.Write(services.Metrics.Snapshot()), "text/plain; version=0.0.4; charset=utf-8");

    /// <summary>Says which plugins the block has.</summary>
    private static void PublishPlugins(GaugeSetter gauge, ServerBlockInfo block)
    {
        foreach (Queries.ServerEndpoint server in block.Servers)
        {
            foreach (Protocol.Names.DnsName zone in block.Zones)
            {
                foreach (string plugin in block.Plugins)
                {
                    gauge(
                        "coredns_plugin_enabled",
                        "Whether a plugin is in use, by server, zone and view.",
                        static () => 1,
                        ("server", server.Label),
                        ("zone", zone.ToString()),
                        ("view", block.ViewName),
                        ("name", plugin));
                }
            }
        }
    }

    private delegate void GaugeSetter(string name, string help, Func<double> read, params ReadOnlySpan<(string Name, string Value)> labels);
}
