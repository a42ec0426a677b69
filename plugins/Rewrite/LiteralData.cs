using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>The octets that the configuration gives.</summary>
internal sealed class LiteralData(byte[] octets) : EdnsData
{
    /// <inheritdoc/>
    public override bool TryRead(DnsQuery query, ReadOnlySpan<byte> name, Span<byte> scratch, out ReadOnlySpan<byte> data)
    {
        data = octets;
        return true;
    }
}
