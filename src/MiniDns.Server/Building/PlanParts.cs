using System.Globalization;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Building;

/// <summary>What the plugins of all blocks registered.</summary>
/// <param name="previous">The plan being replaced.</param>
/// <param name="watch">Puts something in front of each handler of a block; null for nothing.</param>
internal sealed class PlanParts(ServerPlan? previous, Func<ServerBlockInfo, string, IDnsHandler, IDnsHandler>? watch = null)
{
    private readonly Dictionary<string, int> _blocks = new(StringComparer.Ordinal);

    /// <summary>The plan being replaced; null once the plan is built. What a plugin keeps of its setup must not keep that plan, and through it
    /// all those before.</summary>
    public ServerPlan? Previous { get; private set; } = previous;

    /// <summary>Puts something in front of a handler, given its block and its plugin; null for nothing.</summary>
    public Func<ServerBlockInfo, string, IDnsHandler, IDnsHandler>? Watch { get; } = watch;

    public List<IServerComponent> Components { get; } = [];

    public List<(HttpSideEndpoint Page, SourceSpan Span)> Pages { get; } = [];

    public BlockCapabilities Capabilities { get; } = new();

    /// <summary>What a later plan may take over, by block and type.</summary>
    public List<(string Block, Type Type, object Capability)> Kept { get; } = [];

    public List<Action<BlockCapabilities>> Wired { get; } = [];

    /// <summary>Files that plugins named.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Counts the queries under way in the plan's chains.</summary>
    public PlanUse Use { get; } = new();

    public int Slots { get; set; }

    /// <summary>Lets go of the plan being replaced.</summary>
    public void ForgetPrevious() => Previous = null;

    /// <summary>Names a block by its keys, and by a number when others have the same.</summary>
    public string NameBlock(string keys)
    {
        int number = _blocks.GetValueOrDefault(keys);
        _blocks[keys] = number + 1;
        return number == 0 ? keys : string.Create(CultureInfo.InvariantCulture, $"{keys} #{number}");
    }
}
