using System.Net;
using System.Net.Sockets;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Support;

/// <summary>The listeners of one address with a scripted handler behind them: limits can be set, which a Corefile cannot.</summary>
internal sealed class Listening : IAsyncDisposable
{
    private Listening(IPAddress address, EndpointSettings settings, bool portable, TimeProvider time)
    {
        var services = new DnsServices(Log, time, Metrics, new HostFacts("MiniDns-test", "test-host"));
        Dispatcher = new QueryDispatcher(services);
        (Socket[] udp, Socket tcp) = BoundSockets.Open(new IPEndPoint(address, 0), portable ? 1 : settings.Sockets);
        Udp = new UdpListener(udp, Dispatcher, services, settings, portable);
        Tcp = new StreamListener(tcp, Dispatcher, services, settings);
        var block = new ServerBlock(new ServerBlockInfo(0, [DnsName.Root], "."), Plugin, null, []);
        var routes = new RoutingTable([new(DnsName.Root, block)], new PlanUse());
        Udp.Route(routes);
        Tcp.Route(routes);
    }

    public ScriptedPlugin Plugin { get; } = new();

    public TestLoggerFactory Log { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public QueryDispatcher Dispatcher { get; }

    public UdpListener Udp { get; }

    public StreamListener Tcp { get; }

    public IPEndPoint Address => Udp.Address;

    public static EndpointSettings Settings { get; } = EndpointSettings.Default with { Sockets = 2 };

    public static async Task<Listening> StartAsync(IPAddress? address = null, EndpointSettings? settings = null, bool portable = false, TimeProvider? time = null)
    {
        var listening = new Listening(address ?? IPAddress.Loopback, settings ?? Settings, portable, time ?? TimeProvider.System);
        await listening.Udp.StartAsync(CancellationToken.None);
        await listening.Tcp.StartAsync(CancellationToken.None);
        return listening;
    }

    public double Metric(string name) => Metrics.Snapshot().Where(s => s.Name == name).Sum(s => s.Read());

    public async ValueTask DisposeAsync()
    {
        Plugin.Release();
        await Udp.DisposeAsync();
        await Tcp.DisposeAsync();
    }
}
