using System.Text;
using MiniDns.Plugins.Capabilities;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>Tells which upstream answered a query.</summary>
internal sealed class ForwardMetadata(QuerySlot<ForwardUpstream> slot) : IMetadataSource
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Labels { get; } = ["forward/upstream"];

    /// <inheritdoc/>
    public bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written)
    {
        written = 0;
        return query.Slot(slot) is { } upstream && Encoding.UTF8.TryGetBytes(upstream.Upstream.Name, destination, out written);
    }
}
