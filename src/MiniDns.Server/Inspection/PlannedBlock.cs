using MiniDns.Configuration;

namespace MiniDns.Server.Inspection;

/// <summary>One server block of a plan.</summary>
/// <param name="Span">Where it stands.</param>
/// <param name="Keys">Its keys, understood: <c>dns://example.org.:53</c>.</param>
/// <param name="View">The name of its view; empty when it has none.</param>
/// <param name="Servers">The addresses that it is served at, as metrics name them.</param>
/// <param name="Chain">The plugins that a query meets, in order.</param>
/// <param name="NotifyChain">The plugins that a zone change notification meets, in order; empty when the block takes none.</param>
/// <param name="Settings">The block's other plugins: they set something up, and see no queries.</param>
public sealed record PlannedBlock(
    SourceSpan Span,
    IReadOnlyList<string> Keys,
    string View,
    IReadOnlyList<string> Servers,
    IReadOnlyList<string> Chain,
    IReadOnlyList<string> NotifyChain,
    IReadOnlyList<string> Settings);
