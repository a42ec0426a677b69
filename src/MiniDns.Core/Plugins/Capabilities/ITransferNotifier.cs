using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Capabilities;

/// <summary>Takes the news of a zone's new version and tells its secondaries (RFC 1996). Provided by <c>transfer</c>.</summary>
public interface ITransferNotifier
{
    /// <summary>Says that a zone has a new version, or its first. Returns at once; may be called by any thread at any time.</summary>
    void ZoneChanged(DnsName origin);
}
