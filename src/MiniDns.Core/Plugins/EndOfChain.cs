using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>What comes after the last handler: nobody claims the query.</summary>
public sealed class EndOfChain : IDnsHandler
{
    /// <summary>The only one that is needed.</summary>
    public static EndOfChain Instance { get; } = new();

    private EndOfChain()
    {
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => new(DnsOutcome.Unclaimed);
}
