using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Queries;
using MiniDns.Server.Building;
using MiniDns.Server.Building.Lint;
using MiniDns.Server.Hosting;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Running;

namespace MiniDns.Server.Inspection;

/// <summary>Looks at a configuration without serving by it: binds nothing.</summary>
/// <param name="catalog">The plugins.</param>
/// <param name="defaultPort">The port of keys that name none.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Takes what plugins log while a query is explained.</param>
public sealed class CorefileInspector(PluginCatalog catalog, int defaultPort, TimeProvider time, ILoggerFactory loggers)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan WarmUpPatience = TimeSpan.FromMilliseconds(200);

    /// <summary>Finds what is wrong or doubtful.</summary>
    /// <param name="path">The Corefile; null for <c>./Corefile</c> if there is one, else the built-in one.</param>
    /// <exception cref="StartFailure">The Corefile cannot be read.</exception>
    public CheckReport Check(string? path) => Lay(CorefileInput.Read(path), new QueryTrace(time), Services(loggers)).Check;

    /// <summary>Tells what a server would do.</summary>
    /// <param name="path">The Corefile; null for <c>./Corefile</c> if there is one, else the built-in one.</param>
    /// <exception cref="StartFailure">The Corefile cannot be read.</exception>
    public PlanReport Describe(string? path)
    {
        Layout layout = Lay(CorefileInput.Read(path), new QueryTrace(time), Services(loggers));
        return layout.Plan is not { } plan ? new PlanReport(layout.Check, [], [], [], []) : new PlanReport(
            layout.Check,
            [.. layout.Blocks.Select(Describe)],
            [.. plan.Endpoints.Select(e => new PlannedListener(e.Scheme, e.Address, e.Zones, e.Settings.Sockets, e.Span))],
            [.. plan.Pages.Select(p => new PlannedPage(p.Page.Address, p.Page.Path, p.Page.Plugin, p.Span))],
            plan.Files);
    }

    /// <summary>Lets a query go its way through a server that is started for it, and listens nowhere.</summary>
    /// <param name="path">The Corefile; null for <c>./Corefile</c> if there is one, else the built-in one.</param>
    /// <param name="request">The query.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StartFailure">The Corefile cannot be read.</exception>
    public Task<ExplainReport> ExplainAsync(string? path, ExplainRequest request, CancellationToken cancellationToken) =>
        ExplainAsync(CorefileInput.Read(path), Services(loggers), running: null, request, cancellationToken);

    /// <summary>Lets a query go its way through a copy of what a server runs, which listens nowhere, and has its cache and its upstreams' health.</summary>
    /// <param name="input">The Corefile that the server runs by.</param>
    /// <param name="services">The server's services.</param>
    /// <param name="running">What the server runs; it must not be replaced meanwhile.</param>
    /// <param name="request">The query.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal Task<ExplainReport> ExplainRunningAsync(CorefileInput input, DnsServices services, ServerPlan running, ExplainRequest request, CancellationToken cancellationToken) =>
        ExplainAsync(input, services with { Loggers = loggers, Metrics = new MetricRegistry(), Lines = new NoLines(), IsTrial = true }, running, request, cancellationToken);

    private async Task<ExplainReport> ExplainAsync(CorefileInput input, DnsServices services, ServerPlan? running, ExplainRequest request, CancellationToken cancellationToken)
    {
        var trace = new QueryTrace(time);
        Layout layout = Lay(input, trace, services, running);
        if (layout.Plan is not { } plan)
        {
            return new ExplainReport(layout.Check);
        }

        await WarmUpAsync(input, request, cancellationToken).ConfigureAwait(false);
        var generation = new ServerGeneration(plan, loggers.CreateLogger("server"));
        await using (generation.ConfigureAwait(false))
        {
            await generation.StartAsync(cancellationToken, isTrial: true).ConfigureAwait(false);
            IReadOnlyList<string> notReady = await WaitAsync(plan, request.Patience, cancellationToken).ConfigureAwait(false);
            ExplainReport report = await AskAsync(layout, plan, trace, request, cancellationToken).ConfigureAwait(false);
            return report with { NotReady = notReady };
        }
    }

    /// <summary>Has the code compiled before times are taken, by a twin of the plan that is never started: it has no upstreams, and asks nobody.</summary>
    private async Task WarmUpAsync(CorefileInput input, ExplainRequest request, CancellationToken cancellationToken)
    {
        for (int i = 0; i < 2; i++)
        {
            var trace = new QueryTrace(time);
            if (Lay(input, trace, Services(NullLoggerFactory.Instance)) is { Plan: { } plan } layout)
            {
                await AskAsync(layout, plan, trace, request with { Patience = WarmUpPatience }, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<ExplainReport> AskAsync(Layout layout, ServerPlan plan, QueryTrace trace, ExplainRequest request, CancellationToken cancellationToken)
    {
        EndpointPlan[] endpoints = [.. plan.Endpoints.Where(e => (request.ServerPort is not { } port || e.Address.Port == port) && Speaks(e.Scheme, request.Transport))];
        if (endpoints.Length == 0 && plan.Endpoints.Count > 0)
        {
            return new ExplainReport(layout.Check) { OtherAddresses = [.. plan.Endpoints.Select(e => e.Scheme == ServerScheme.Dns ? e.Address.ToString() : $"{ServerKey.SchemeText(e.Scheme)}://{e.Address}")], Transport = TransportOf(null, request) };
        }

        var query = new DnsQuery(4096, DnsQuery.MaxMessageSize);
        int length = query.WriteQuestion(request.Name.View, request.Type, Protocol.Records.DnsRecordClass.IN, request.Recurse ? Protocol.Messages.DnsHeader.RecursionDesiredFlag : (ushort)0, request.DnssecOk);
        DnsTransport transport = TransportOf(endpoints.FirstOrDefault(), request);
        query.Begin(length, transport);
        query.Client = ClientAddress.From(new System.Net.IPEndPoint(request.Client, 40000));
        query.Origin = trace;
        ServerBlock? block = null;
        foreach (EndpointPlan endpoint in endpoints)
        {
            trace.Routes = endpoint.Routes;
            transport = TransportOf(endpoint, request);
            query.Local = ClientAddress.From(endpoint.Address);
            block = endpoint.Routes.Match(query);
            if (block is not null)
            {
                break;
            }
        }

        if (block is null)
        {
            // Refused, as everywhere: the last address is as good as any.
            trace.Routes = endpoints.FirstOrDefault()?.Routes ?? RoutingTable.Empty;
        }

        Dictionary<string, double> before = Upstreams(plan.Gauges);
        long start = time.GetTimestamp();
        query.ReceivedAt = start;
        Task<DnsOutcome> asking = RunAsync();
        try
        {
            DnsOutcome outcome = await asking.WaitAsync(request.Patience, time, cancellationToken).ConfigureAwait(false);
            TimeSpan elapsed = time.GetElapsedTime(start);
            int reply = layout.Dispatcher.Finish(query, outcome);
            return Report(reply) with { Elapsed = elapsed };
        }
        catch (TimeoutException)
        {
            return Report(0) with { Elapsed = time.GetElapsedTime(start), TimedOut = true };
        }

        async Task<DnsOutcome> RunAsync()
        {
            try
            {
                return await layout.Dispatcher.DispatchAsync(query, length, transport, trace.Routes).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // As a transport does it.
                return layout.Dispatcher.HandlerFailed(query, e);
            }
        }

        ExplainReport Report(int reply) => new(layout.Check)
        {
            Transport = transport,
            Server = block is null ? null : trace.Routes.Endpoint.Label,
            Block = block is null ? null : Describe(layout.Blocks[block.Info.Index]),
            Zone = query.Zone,
            Steps = trace.Steps,
            Upstreams = [.. Upstreams(plan.Gauges).Where(u => u.Value > before.GetValueOrDefault(u.Key)).Select(u => u.Key).Order(StringComparer.Ordinal)],
            Reply = query.SendBuffer.AsMemory(0, reply).ToArray(),
        };
    }

    /// <summary>True when queries that come so come to addresses of that kind; null stands for any way.</summary>
    private static bool Speaks(ServerScheme scheme, DnsTransport? transport) => transport switch
    {
        null => true,
        DnsTransport.Tls => scheme == ServerScheme.Tls,
        DnsTransport.Https => scheme == ServerScheme.Https,
        _ => scheme == ServerScheme.Dns,
    };

    /// <summary>How the query comes to an address.</summary>
    private static DnsTransport TransportOf(EndpointPlan? endpoint, ExplainRequest request) => request.Transport ?? endpoint?.Scheme switch
    {
        ServerScheme.Tls => DnsTransport.Tls,
        ServerScheme.Https => DnsTransport.Https,
        _ => DnsTransport.Udp,
    };

    /// <summary>How often each upstream was asked, by address and protocol.</summary>
    private static Dictionary<string, double> Upstreams(MetricRegistry metrics)
    {
        Dictionary<string, double> counts = new(StringComparer.Ordinal);
        foreach (MetricSeries series in metrics.Snapshot().Where(s => s.Name is "coredns_proxy_conn_cache_hits_total" or "coredns_proxy_conn_cache_misses_total"))
        {
            string to = string.Join(' ', series.Labels.Where(l => l.Key is "to" or "proto").OrderByDescending(l => l.Key, StringComparer.Ordinal).Select(l => l.Value));
            counts[to] = counts.GetValueOrDefault(to) + series.Read();
        }

        return counts;
    }

    private async Task<IReadOnlyList<string>> WaitAsync(ServerPlan plan, TimeSpan patience, CancellationToken cancellationToken)
    {
        IReadinessProbe[] probes = [.. plan.Kept.Select(k => k.Capability).OfType<IReadinessProbe>()];
        long start = time.GetTimestamp();
        while (true)
        {
            string[] waiting = [.. probes.Where(p => !p.IsReady).Select(p => p.Name).Distinct(StringComparer.Ordinal)];
            if (waiting.Length == 0 || time.GetElapsedTime(start) > patience)
            {
                return waiting;
            }

            await Task.Delay(LookInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private DnsServices Services(ILoggerFactory log) =>
        new(log, time, new MetricRegistry(), new HostFacts(ServerVersion.Name, Environment.MachineName) { Revision = ServerVersion.Revision }) { Lines = new NoLines(), IsTrial = true };

    private Layout Lay(CorefileInput input, QueryTrace trace, DnsServices services, ServerPlan? running = null)
    {
        var diagnostics = new ConfigDiagnostics();
        var dispatcher = new QueryDispatcher(services);
        IReadOnlyList<BlockBuilder> blocks = [];
        var builder = new ServerPlanBuilder(catalog, services, dispatcher, defaultPort)
        {
            Watch = trace.Watch,
            WhenSetUp = found =>
            {
                blocks = found;
                PlanLint.Check(found, diagnostics);
            },
        };
        ServerPlan? plan = builder.Build(CorefileInput.Parse(input, diagnostics), running, diagnostics);
        return new Layout(new CheckReport(input.Path, CorefileInput.InOrder(diagnostics)), blocks, plan, dispatcher);
    }

    private static PlannedBlock Describe(BlockBuilder block) => new(
        block.Node.Keys[0].Span,
        [.. block.Keys.Select(k => k.ToString())],
        block.Info.ViewName,
        [.. block.Info.Servers.Select(s => s.Label)],
        [.. Chain(block, HandlerScope.Queries)],
        block.Handlers.Exists(h => h.Scope == HandlerScope.Notifications) ? [.. Chain(block, HandlerScope.Notifications)] : [],
        [.. block.Info.Plugins.Where(p => !block.Handlers.Exists(h => h.Plugin == p))]);

    private static IEnumerable<string> Chain(BlockBuilder block, HandlerScope scope) => block.Handlers.Where(h => h.Scope.HasFlag(scope)).Select(h => h.Plugin);

    /// <summary>The query log is of no use here.</summary>
    private sealed class NoLines : ILineWriter
    {
        public bool TryWrite(ReadOnlySpan<byte> line) => true;
    }

    private sealed record Layout(CheckReport Check, IReadOnlyList<BlockBuilder> Blocks, ServerPlan? Plan, QueryDispatcher Dispatcher);
}
