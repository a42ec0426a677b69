using System.Text;
using MiniDns.Plugins.Capabilities;
using MiniDns.Queries;

namespace MiniDns.Plugins.Trace;

/// <summary>Tells what the trace of a query is known by.</summary>
internal sealed class TraceMetadata : IMetadataSource
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Labels { get; } = ["trace/traceid"];

    /// <inheritdoc/>
    public bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written)
    {
        written = 0;
        return query.Spans is { } spans && Encoding.ASCII.TryGetBytes(spans.TraceId, destination, out written);
    }
}
