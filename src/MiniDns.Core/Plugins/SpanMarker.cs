using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>Takes down how long a plugin has a traced query, those behind it included; others pass at the cost of a comparison.</summary>
/// <remarks>Stands before each handler of a block whose queries may be traced (<see cref="ServerBlockInfo.TracesPlugins"/>).</remarks>
public sealed class SpanMarker(string plugin, IDnsHandler handler) : IDnsHandler
{
    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => query.Spans is { } spans ? FollowAsync(query, spans) : handler.HandleAsync(query);

    private async ValueTask<DnsOutcome> FollowAsync(DnsQuery query, QuerySpans spans)
    {
        int outer = query.Span;
        int span = spans.Begin(plugin, outer);
        query.Span = span == QuerySpans.None ? outer : span;
        string? error = null;
        try
        {
            return await handler.HandleAsync(query).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = $"{e.GetType().Name}: {e.Message}";
            throw;
        }
        finally
        {
            spans.End(span, error);
            query.Span = outer;
        }
    }
}
