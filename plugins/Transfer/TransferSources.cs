using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Transfer;

/// <summary>The plugins of the block that have zones; known once all are set up.</summary>
internal sealed class TransferSources
{
    private ITransferSource[] _sources = [];

    /// <summary>Takes the plugins, in chain order.</summary>
    public void Set(IReadOnlyList<ITransferSource> sources) => _sources = [.. sources];

    /// <summary>Finds the zone of a name in the first plugin that has it.</summary>
    public bool TryGetZone(DnsNameView origin, out ITransferZone? zone)
    {
        foreach (ITransferSource source in _sources)
        {
            if (source.TryGetZone(origin, out zone))
            {
                return true;
            }
        }

        zone = null;
        return false;
    }
}
