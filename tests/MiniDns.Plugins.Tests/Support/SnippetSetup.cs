using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>Sets up one plugin from the lines of a server block, and keeps what it registers.</summary>
internal sealed class SnippetSetup : PluginSetup
{
    private readonly List<Func<IDnsHandler, IDnsHandler>> _handlers = [];
    private readonly List<Action<BlockCapabilities>> _whenWired = [];
    private readonly List<Action<BlockCapabilities>> _whenServerWired = [];
    private int _slots;

    public BlockCapabilities Capabilities { get; } = new();

    public List<IServerComponent> Components { get; } = [];

    public List<HttpSideEndpoint> Pages { get; } = [];

    public IReadOnlyList<string> Errors => Messages(DiagnosticSeverity.Error);

    public IReadOnlyList<string> Warnings => Messages(DiagnosticSeverity.Warning);

    /// <summary>Parses a server block for the root zone that holds the lines, and sets the plugin up with its directives.</summary>
    public static SnippetSetup Run(IDnsPlugin plugin, string lines, SnippetServices? services = null)
    {
        ConfigDiagnostics diagnostics = new();
        CorefileDocument document = CorefileParser.Parse("Corefile", ". {\n" + lines + "\n}\n", diagnostics);
        Directive[] directives = [.. document.Blocks.SelectMany(b => b.Directives).Where(d => d.Name.Text == plugin.Name)];
        Directive? stranger = document.Blocks.SelectMany(b => b.Directives).FirstOrDefault(d => d.Name.Text != plugin.Name);
        if (stranger is not null)
        {
            diagnostics.Error(stranger.Span, $"unknown directive '{stranger.Name.Text}'");
        }

        SnippetSetup setup = new()
        {
            Directives = directives,
            Block = new ServerBlockInfo(0, [DnsName.Root], "."),
            Services = (services ?? new SnippetServices()).Build(),
            Queries = new NoQueries(),
            Diagnostics = diagnostics,
            Endpoint = new EndpointOptions(),
        };
        if (directives.Length > 0)
        {
            plugin.Setup(setup);
        }

        return setup;
    }

    public List<string> Files { get; } = [];

    public override void DependsOn(string path) => Files.Add(path);

    /// <summary>Runs the callbacks that wait for the other plugins.</summary>
    public SnippetSetup Wire()
    {
        _whenWired.ForEach(a => a(Capabilities));
        _whenServerWired.ForEach(a => a(Capabilities));
        return this;
    }

    /// <summary>The plugin's handlers in front of another.</summary>
    public IDnsHandler Chain(IDnsHandler? next = null) => Enumerable.Reverse(_handlers).Aggregate(next ?? EndOfChain.Instance, (rest, make) => make(rest));

    /// <summary>Drives <see cref="Chain"/>.</summary>
    public ChainHarness Harness(IDnsHandler? next = null) => new(Chain(next));

    public override void Use(Func<IDnsHandler, IDnsHandler> handler, HandlerScope scope) => _handlers.Add(handler);

    public override void Guard(Func<IDnsHandler, IDnsHandler> asked, Func<IDnsHandler, bool, IDnsHandler> changed, HandlerScope scope) => _handlers.Insert(0, asked);

    public override void Run(IServerComponent component) => Components.Add(component);

    public override void Serve(HttpSideEndpoint endpoint) => Pages.Add(endpoint);

    public override void Provide<T>(T capability) => Capabilities.Add(capability);

    public override void WhenWired(Action<BlockCapabilities> action) => _whenWired.Add(action);

    public override void WhenServerWired(Action<BlockCapabilities> action) => _whenServerWired.Add(action);

    public override QuerySlot<T> ReserveSlot<T>() => new(_slots++);

    public override string TextBehind => "";

    public override T? Previous<T>()
        where T : class => null;

    private List<string> Messages(DiagnosticSeverity severity) =>
        [.. Diagnostics.Items.Where(i => i.Severity == severity).Select(i => $"{i.Span}: {i.Message}")];

    private sealed class NoQueries : IQueryRunner
    {
        public DnsQuery Rent(DnsQuery? parent, DnsNameView name, Protocol.Records.DnsRecordType type) => throw new NotSupportedException();

        public ValueTask<DnsOutcome> RunAsync(DnsQuery query) => throw new NotSupportedException();

        public void Return(DnsQuery query) => throw new NotSupportedException();
    }
}
