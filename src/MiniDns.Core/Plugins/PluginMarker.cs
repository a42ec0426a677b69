using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>Notes in each query which plugin it has got to, so that in the end the one that answered is known.</summary>
/// <remarks>Stands before each handler of a block whose answers are told apart by plugin (<see cref="ServerBlockInfo.TracksPlugins"/>).</remarks>
public sealed class PluginMarker(PluginMark mark, IDnsHandler handler) : IDnsHandler
{
    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        query.Answerer = mark;
        return handler.HandleAsync(query);
    }
}
