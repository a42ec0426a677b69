using MiniDns.Queries;

namespace MiniDns.Plugins.Capabilities;

/// <summary>Says for which queries metadata is there. Provided by <c>metadata</c>; a block without it has no metadata.</summary>
public interface IMetadataScope
{
    /// <summary>True when the asked name lies in a zone of the directive.</summary>
    bool Covers(DnsQuery query);
}
