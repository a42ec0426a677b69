using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Capabilities;

/// <summary>A plugin with zones that may be transferred to other servers (RFC 5936, RFC 1995).</summary>
/// <remarks>Whether a client may have a zone is decided by who asks: <c>transfer</c>. Called on socket threads: it must not block.</remarks>
public interface ITransferSource
{
    /// <summary>Finds the zone whose apex a name is.</summary>
    /// <param name="origin">The apex, in any case.</param>
    /// <param name="zone">Its present version; null while there is none to serve: not loaded yet, or expired.</param>
    /// <returns>True when the zone is this plugin's.</returns>
    bool TryGetZone(DnsNameView origin, out ITransferZone? zone);
}
