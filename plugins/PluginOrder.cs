using MiniDns.Plugins.Acl;
using MiniDns.Plugins.Any;
using MiniDns.Plugins.Auto;
using MiniDns.Plugins.Autopath;
using MiniDns.Plugins.Bind;
using MiniDns.Plugins.Blocklist;
using MiniDns.Plugins.Bufsize;
using MiniDns.Plugins.Cache;
using MiniDns.Plugins.Cancel;
using MiniDns.Plugins.Chaos;
using MiniDns.Plugins.Debug;
using MiniDns.Plugins.Dns64;
using MiniDns.Plugins.Dnssec;
using MiniDns.Plugins.Erratic;
using MiniDns.Plugins.Errors;
using MiniDns.Plugins.Explain;
using MiniDns.Plugins.FileZones;
using MiniDns.Plugins.Forward;
using MiniDns.Plugins.Geoip;
using MiniDns.Plugins.Header;
using MiniDns.Plugins.Health;
using MiniDns.Plugins.Hosts;
using MiniDns.Plugins.K8sExternal;
using MiniDns.Plugins.Kubernetes;
using MiniDns.Plugins.Loadbalance;
using MiniDns.Plugins.Local;
using MiniDns.Plugins.Log;
using MiniDns.Plugins.Loop;
using MiniDns.Plugins.Metadata;
using MiniDns.Plugins.Minimal;
using MiniDns.Plugins.Multisocket;
using MiniDns.Plugins.Nsid;
using MiniDns.Plugins.On;
using MiniDns.Plugins.Order;
using MiniDns.Plugins.Overload;
using MiniDns.Plugins.Pprof;
using MiniDns.Plugins.Prometheus;
using MiniDns.Plugins.Proxyproto;
using MiniDns.Plugins.Ratelimit;
using MiniDns.Plugins.Ready;
using MiniDns.Plugins.Reload;
using MiniDns.Plugins.Rewrite;
using MiniDns.Plugins.Root;
using MiniDns.Plugins.Rpz;
using MiniDns.Plugins.Search;
using MiniDns.Plugins.Secondary;
using MiniDns.Plugins.Shed;
using MiniDns.Plugins.Telemetry;
using MiniDns.Plugins.Template;
using MiniDns.Plugins.Timeouts;
using MiniDns.Plugins.Trace;
using MiniDns.Plugins.Transfer;
using MiniDns.Plugins.Tsig;
using MiniDns.Plugins.View;
using MiniDns.Plugins.Whoami;

namespace MiniDns.Plugins;

/// <summary>Every plugin, in the order a query meets them.</summary>
/// <remarks>
/// A plugin feels the effect of those below it and must not care about those above. The order is that of CoreDNS 1.14.7's
/// plugin.cfg for the names both have; <c>search</c> stands before <c>autopath</c>.
/// </remarks>
public static class PluginOrder
{
    /// <summary>The plugins.</summary>
    public static IReadOnlyList<IDnsPlugin> All { get; } =
    [
        new RootPlugin(),
        new OrderPlugin(),
        new MetadataPlugin(),
        new GeoipPlugin(),
        new CancelPlugin(),
        new ProxyprotoPlugin(),
        new TimeoutsPlugin(),
        new MultisocketPlugin(),
        new ReloadPlugin(),
        new NsidPlugin(),
        new BufsizePlugin(),
        new BindPlugin(),
        new DebugPlugin(),
        new TracePlugin(),
        new ReadyPlugin(),
        new HealthPlugin(),
        new ExplainPlugin(),
        new PprofPlugin(),
        new ShedPlugin(),
        new OverloadPlugin(),
        new PrometheusPlugin(),
        new TelemetryPlugin(),
        new ErrorsPlugin(),
        new LogPlugin(),
        new LocalPlugin(),
        new Dns64Plugin(),
        new AnyPlugin(),
        new ChaosPlugin(),
        new LoadbalancePlugin(),
        new TsigPlugin(),
        new RewritePlugin(),
        new SearchPlugin(),
        new AutopathPlugin(),
        new AclPlugin(),
        new RatelimitPlugin(),
        new RpzPlugin(),
        new BlocklistPlugin(),
        new CachePlugin(),
        new HeaderPlugin(),
        new DnssecPlugin(),
        new MinimalPlugin(),
        new TemplatePlugin(),
        new TransferPlugin(),
        new HostsPlugin(),
        new K8sExternalPlugin(),
        new KubernetesPlugin(),
        new FilePlugin(),
        new AutoPlugin(),
        new SecondaryPlugin(),
        new LoopPlugin(),
        new ForwardPlugin(),
        new ErraticPlugin(),
        new WhoamiPlugin(),
        new OnPlugin(),
        new ViewPlugin(),
    ];
}
