using MiniDns.Configuration;
using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>What a plugin gets to read its directive in one server block, and where it registers what it adds.</summary>
public abstract class PluginSetup
{
    /// <summary>Every occurrence of the directive in this block, in file order; at least one.</summary>
    public required IReadOnlyList<Directive> Directives { get; init; }

    /// <summary>The block.</summary>
    public required ServerBlockInfo Block { get; init; }

    /// <summary>What every plugin may use.</summary>
    public required DnsServices Services { get; init; }

    /// <summary>Asks the server that this block belongs to; works once the server runs.</summary>
    public required IQueryRunner Queries { get; init; }

    /// <summary>Takes errors and warnings; a block with errors is never started.</summary>
    public required ConfigDiagnostics Diagnostics { get; init; }

    /// <summary>How the block's addresses are listened on.</summary>
    public required EndpointOptions Endpoint { get; init; }

    /// <summary>Puts a handler for queries into the chain, before those of plugins that come later in the order; calls keep their order.</summary>
    /// <param name="handler">Makes the handler from the next one.</param>
    public void Use(Func<IDnsHandler, IDnsHandler> handler) => Use(handler, HandlerScope.Queries);

    /// <summary>Puts a handler into the chain of each kind of message that it is for.</summary>
    /// <param name="handler">Makes the handler from the next one; called once for each chain.</param>
    /// <param name="scope">The messages that it sees.</param>
    public abstract void Use(Func<IDnsHandler, IDnsHandler> handler, HandlerScope scope);

    /// <summary>Puts a handler before every other that could answer, and behind those that only look on (<c>errors</c>, <c>log</c>,
    /// <c>prometheus</c> …), and one behind each plugin that gives the chain another question (<c>rewrite</c>): places that nothing
    /// which a client gets goes around, whatever order a block has.</summary>
    /// <param name="asked">Makes the first handler from the next one, once for each chain. It sees the question as it was asked.</param>
    /// <param name="changed">Makes each of the others from the next one and whether a cache stands before it, which might keep what
    /// comes through for other clients.</param>
    /// <param name="scope">The messages that they see.</param>
    public abstract void Guard(Func<IDnsHandler, IDnsHandler> asked, Func<IDnsHandler, bool, IDnsHandler> changed, HandlerScope scope);

    /// <summary>Adds something that lives as long as this configuration.</summary>
    public abstract void Run(IServerComponent component);

    /// <summary>Serves a page over HTTP.</summary>
    public abstract void Serve(HttpSideEndpoint endpoint);

    /// <summary>Offers something to the other plugins and to the server (<see cref="IReadinessProbe"/>, <see cref="IViewFilter"/>,
    /// <see cref="IShutdownListener"/> …).</summary>
    public abstract void Provide<T>(T capability)
        where T : class;

    /// <summary>Runs once every plugin of this block is set up.</summary>
    public abstract void WhenWired(Action<BlockCapabilities> action);

    /// <summary>Runs once every plugin of every block is set up, with what all blocks offer (<c>ready</c> asks all probes).</summary>
    public abstract void WhenServerWired(Action<BlockCapabilities> action);

    /// <summary>Reserves a place for state of its own in every query.</summary>
    public abstract QuerySlot<T> ReserveSlot<T>();

    /// <summary>What this plugin provided under the same type in the same block of the configuration being replaced, if any:
    /// a cache's content, an upstream's health.</summary>
    public abstract T? Previous<T>()
        where T : class;

    /// <summary>The directives of the plugins behind this one, as text that only means something beside another such text: when both are the same,
    /// queries that this plugin passes on get the same replies in both configurations, as far as these are made by the Corefile and not by files or upstreams.</summary>
    public abstract string TextBehind { get; }

    /// <summary>Names a file that the configuration is made from: when it changes, the configuration is read anew (<c>reload</c>). Not for
    /// files that a plugin watches itself.</summary>
    /// <param name="path">The file's path.</param>
    public abstract void DependsOn(string path);

    /// <summary>Notes that the directive may stand only once in a block, if it stands more often.</summary>
    /// <returns>True when it stands once.</returns>
    public bool ExpectOnce()
    {
        for (int i = 1; i < Directives.Count; i++)
        {
            Diagnostics.Error(Directives[i].Span, $"{Directives[i].Name.Text}: may be used once in a server block; it was already used at {Directives[0].Span}");
        }

        return Directives.Count == 1;
    }
}
