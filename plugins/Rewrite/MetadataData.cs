using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>What another plugin knows about the query (<c>metadata</c>).</summary>
internal sealed class MetadataData(MetadataLabel label) : EdnsData
{
    /// <inheritdoc/>
    public override bool TryRead(DnsQuery query, ReadOnlySpan<byte> name, Span<byte> scratch, out ReadOnlySpan<byte> data)
    {
        bool isKnown = label.TryRead(query, scratch, out int written) && written > 0;
        data = scratch[..written];
        return isKnown;
    }
}
