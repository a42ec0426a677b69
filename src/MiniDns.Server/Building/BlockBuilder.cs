using System.Globalization;
using System.Text;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Building;

/// <summary>A server block while its plugins are set up.</summary>
internal sealed class BlockBuilder(PlanParts server, ServerBlockNode node, ServerBlockInfo info, IReadOnlyList<ServerKey> keys, ServerQueryRunner runner)
{
    /// <summary>The plugins whose handlers only look on, or prepare what they look at; guards stand behind them.</summary>
    private static readonly HashSet<string> Onlookers = new(StringComparer.Ordinal)
    {
        "metadata", "geoip", "cancel", "proxyproto", "shed", "overload", "nsid", "bufsize", "debug", "trace", "prometheus", "errors", "log", "dnstap",
    };

    /// <summary>The plugins that give the chain another question than the one that was asked; guards stand behind them too.</summary>
    internal static readonly IReadOnlySet<string> QuestionChangers = new HashSet<string>(StringComparer.Ordinal) { "rewrite" };

    /// <summary>The plugins whose arguments, after the first one, name servers that are asked: an answer is good for its TTL whoever gave it.</summary>
    private static readonly HashSet<string> Relays = new(StringComparer.Ordinal) { "forward" };

    private ServerBlock? _built;

    /// <summary>The block as written.</summary>
    public ServerBlockNode Node { get; } = node;

    public PlanParts Server { get; } = server;

    public ServerBlockInfo Info { get; } = info;

    public IReadOnlyList<ServerKey> Keys { get; } = keys;

    /// <summary>What makes this block the same one after a reload: its keys, and among blocks with the same keys (views) its place.</summary>
    public string Key { get; } = server.NameBlock(string.Join(' ', keys.Select(k => k.ToString())));

    public ServerQueryRunner Runner { get; } = runner;

    public EndpointOptions Endpoint { get; } = new();

    public List<(Func<IDnsHandler, IDnsHandler> Make, HandlerScope Scope, string Plugin)> Handlers { get; } = [];

    /// <summary>What wants to stand where nothing goes around it, in the order in which it came.</summary>
    public List<ChainGuard> Guards { get; } = [];

    /// <summary>The block's plugins in the order that they have where none is given.</summary>
    public required IReadOnlyList<string> UsualOrder { get; init; }

    public BlockCapabilities Capabilities { get; } = new();

    public List<Action<BlockCapabilities>> Wired { get; } = [];

    /// <summary>True when views decide about the block.</summary>
    public bool HasFilters => Capabilities.All<IViewFilter>().Count > 0;

    /// <summary>The finished block.</summary>
    public ServerBlock Built => _built ?? throw new InvalidOperationException("the block is not built yet");

    /// <summary>Puts the handlers in order, and guards where they belong.</summary>
    /// <param name="plugins">The block's plugins in its order.</param>
    public void Arrange(IReadOnlyList<string> plugins)
    {
        Info.Plugins = plugins;
        Dictionary<string, int> places = plugins.Select((name, place) => (name, place)).ToDictionary(p => p.name, p => p.place, StringComparer.Ordinal);
        List<(Func<IDnsHandler, IDnsHandler> Make, HandlerScope Scope, string Plugin)> sorted = [.. Handlers.OrderBy(h => places[h.Plugin])];
        Handlers.Clear();
        bool isGuarded = false;
        bool isBehindCache = false;
        for (int i = 0; i < sorted.Count; i++)
        {
            if (!isGuarded && !Onlookers.Contains(sorted[i].Plugin))
            {
                isGuarded = true;
                Handlers.AddRange(Guards.Select(g => (g.Asked, g.Scope, g.Plugin)));
            }

            Handlers.Add(sorted[i]);
            isBehindCache |= sorted[i].Plugin == "cache";
            if (QuestionChangers.Contains(sorted[i].Plugin) && (i + 1 == sorted.Count || sorted[i + 1].Plugin != sorted[i].Plugin))
            {
                bool isKept = isBehindCache;
                Handlers.AddRange(Guards.Select(g => ((Func<IDnsHandler, IDnsHandler>)(next => g.Changed(next, isKept)), g.Scope, g.Plugin)));
            }
        }
    }

    /// <summary>Folds the handlers into a chain, last to first.</summary>
    public void Build()
    {
        Info.ViewName = Capabilities.All<IViewFilter>() is [IViewFilter view, ..] ? view.ViewName : "";
        foreach (Action<BlockCapabilities> action in Wired)
        {
            action(Capabilities);
        }

        _built = new ServerBlock(Info, Fold(HandlerScope.Queries), Fold(HandlerScope.Notifications), Capabilities.All<IViewFilter>());
    }

    /// <summary>The directives that replies from behind a plugin are made by, as text.</summary>
    public string TextBehind(string plugin)
    {
        // In an order of the block's own nearly any plugin may stand behind.
        IEnumerable<string> behind = Info.Order.Count > 0
            ? UsualOrder.Where(p => p != plugin && !Onlookers.Contains(p))
            : UsualOrder.SkipWhile(p => p != plugin).Skip(1).Prepend("root");
        HashSet<string> names = new(behind, StringComparer.Ordinal);
        var text = new StringBuilder();
        foreach (IGrouping<string, Directive> same in Node.Directives.Where(d => names.Contains(d.Name.Text)).GroupBy(d => d.Name.Text, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            foreach (Directive directive in same)
            {
                Write(text, directive);
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, Directive directive)
    {
        // Every word with its length in front: no two directives look alike.
        IEnumerable<CorefileToken> words = Relays.Contains(directive.Name.Text) ? directive.Arguments.Take(1) : directive.Arguments;
        foreach (CorefileToken word in words.Prepend(directive.Name))
        {
            text.Append(CultureInfo.InvariantCulture, $"{word.Text.Length}:{word.Text} ");
        }

        text.Append('{');
        foreach (Directive line in directive.Body)
        {
            Write(text, line);
        }

        text.Append('}');
    }

    private IDnsHandler? Fold(HandlerScope scope)
    {
        // A chain of nothing but handlers for both kinds only looks on: it does not take notifications.
        if (!Handlers.Exists(h => h.Scope == scope || (scope == HandlerScope.Queries && h.Scope.HasFlag(scope))))
        {
            return null;
        }

        IDnsHandler chain = EndOfChain.Instance;
        for (int i = Handlers.Count - 1; i >= 0; i--)
        {
            if (Handlers[i].Scope.HasFlag(scope))
            {
                chain = Handlers[i].Make(chain);
                chain = Info.TracksPlugins ? new PluginMarker(new PluginMark(Handlers[i].Plugin, i), chain) : chain;
                chain = Info.TracesPlugins ? new SpanMarker(Handlers[i].Plugin, chain) : chain;
                chain = Server.Watch?.Invoke(Info, Handlers[i].Plugin, chain) ?? chain;
            }
        }

        return chain;
    }
}
