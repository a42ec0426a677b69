using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>A handler that does something before and after the rest of the chain.</summary>
/// <remarks>The split between the synchronous and the asynchronous way is written here once.</remarks>
public abstract class WrappingHandler(IDnsHandler next) : IDnsHandler
{
    /// <summary>The rest of the chain.</summary>
    protected IDnsHandler Next { get; } = next;

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (Before(query) is { } early)
        {
            return new ValueTask<DnsOutcome>(early);
        }

        ValueTask<DnsOutcome> rest = Next.HandleAsync(query);
        return rest.IsCompletedSuccessfully ? new ValueTask<DnsOutcome>(After(query, rest.Result)) : FinishAsync(query, rest);
    }

    /// <summary>Runs before the rest of the chain.</summary>
    /// <returns>An outcome to end with at once, or null to go on.</returns>
    protected virtual DnsOutcome? Before(DnsQuery query) => null;

    /// <summary>Runs after the rest of the chain, unless it threw.</summary>
    /// <returns>The outcome to go back with.</returns>
    protected abstract DnsOutcome After(DnsQuery query, DnsOutcome outcome);

    // The pooling builder was measured and saves nothing here: its pool holds one box a thread, and many queries are
    // in flight at once.
    private async ValueTask<DnsOutcome> FinishAsync(DnsQuery query, ValueTask<DnsOutcome> rest) =>
        After(query, await rest.ConfigureAwait(false));
}
