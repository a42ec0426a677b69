using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Queries;
using MiniDns.Server.Building;
using MiniDns.Server.Pipeline;

namespace MiniDns.Testing;

/// <summary>A Corefile set up as the server does it, without sockets: diagnostics to look at, a chain to ask.</summary>
/// <remarks><c>await using var h = PluginHarness.Stanza("whoami"); h.Chain.Ask("example.org.", DnsRecordType.A)</c></remarks>
public sealed class PluginHarness : IAsyncDisposable
{
    private readonly QueryDispatcher _dispatcher;
    private readonly ServerPlan? _plan;
    private readonly List<IServerComponent> _started = [];

    private PluginHarness(string corefile, PluginHarness? previous, IReadOnlyList<IDnsPlugin> plugins, ILineWriter? lines)
    {
        Time = previous?.Time ?? new TestTimeProvider();
        Metrics = previous?.Metrics ?? new MetricRegistry();
        Services = new DnsServices(Log, Time, Metrics, new HostFacts("MiniDns-test", "test-host"))
        {
            Lines = lines ?? ConsoleLineWriter.StandardOutput,
        };
        CorefileDocument document = CorefileParser.Parse("Corefile", corefile, Diagnostics);
        _dispatcher = new QueryDispatcher(Services);
        _plan = new ServerPlanBuilder(new PluginCatalog(plugins), Services, _dispatcher, defaultPort: 0).Build(document, previous?._plan, Diagnostics);
        if (_plan is not null)
        {
            Metrics.Show(_plan.Gauges);
        }

        Chain = new ChainHarness(new Router(this));
    }

    /// <summary>What was found wrong or doubtful.</summary>
    public ConfigDiagnostics Diagnostics { get; } = new();

    /// <summary>True when the Corefile can be used.</summary>
    public bool IsAccepted => _plan is not null;

    /// <summary>The errors, one a line.</summary>
    public string Errors => string.Join('\n', Diagnostics.Items.Where(i => i.Severity == DiagnosticSeverity.Error));

    /// <summary>The clock.</summary>
    public TestTimeProvider Time { get; }

    /// <summary>The counters.</summary>
    public MetricRegistry Metrics { get; }

    /// <summary>What was logged.</summary>
    public TestLoggerFactory Log { get; } = new();

    /// <summary>What plugins were given.</summary>
    public DnsServices Services { get; }

    /// <summary>Asks the server through its first endpoint's routes.</summary>
    public ChainHarness Chain { get; }

    /// <summary>The HTTP pages that were registered.</summary>
    public IReadOnlyList<HttpSideEndpoint> Pages => [.. Plan.Pages.Select(p => p.Page)];

    /// <summary>Those that are told of a stop.</summary>
    public IReadOnlyList<IShutdownListener> ShutdownListeners => Plan.ShutdownListeners;

    /// <summary>What a plugin provided under a type; the first if there are several.</summary>
    public T Provided<T>()
        where T : class => (T)Plan.Kept.First(k => k.Type == typeof(T)).Capability;

    /// <summary>All that plugins provided under a type, in chain order.</summary>
    public IReadOnlyList<T> AllProvided<T>()
        where T : class => [.. Plan.Kept.Where(k => k.Type == typeof(T)).Select(k => (T)k.Capability)];

    private ServerPlan Plan => _plan ?? throw new InvalidOperationException("the Corefile was refused:\n" + Errors);

    /// <summary>Sets up a whole Corefile.</summary>
    /// <param name="corefile">The text.</param>
    /// <param name="previous">The one being replaced, as at a reload.</param>
    /// <param name="plugins">The plugins to know; all by default.</param>
    /// <param name="lines">Takes the query log; standard output by default.</param>
    public static PluginHarness Corefile(string corefile, PluginHarness? previous = null, IReadOnlyList<IDnsPlugin>? plugins = null, ILineWriter? lines = null) =>
        new(corefile, previous, plugins ?? PluginOrder.All, lines);

    /// <summary>Sets up directives inside a block for the root zone.</summary>
    public static PluginHarness Stanza(string directives, PluginHarness? previous = null, IReadOnlyList<IDnsPlugin>? plugins = null, ILineWriter? lines = null) =>
        Corefile(".:0 {\n" + directives + "\n}\n", previous, plugins, lines);

    /// <summary>Starts watchers, probes and the like.</summary>
    public async Task<PluginHarness> StartAsync()
    {
        foreach (IServerComponent component in Plan.Components)
        {
            _started.Add(component);
            await component.StartAsync(CancellationToken.None);
        }

        return this;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (int i = _started.Count - 1; i >= 0; i--)
        {
            await _started[i].DisposeAsync();
        }

        _started.Clear();
    }

    private sealed class Router(PluginHarness owner) : IDnsHandler, IQueryOrigin
    {
        public RoutingTable Routes => owner.Plan.Endpoints[0].Routes;

        public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
        {
            query.Origin = this;
            query.Endpoint = Routes.Endpoint;
            query.ReceivedAt = owner.Time.GetTimestamp();
            return owner._dispatcher.RouteAsync(query, Routes);
        }
    }
}
