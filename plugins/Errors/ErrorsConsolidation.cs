namespace MiniDns.Plugins.Errors;

/// <summary>The tallies of a server block, in the order of their rules.</summary>
internal sealed class ErrorsConsolidation(IReadOnlyList<ErrorsTally> tallies, TimeProvider time) : IServerComponent
{
    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (ErrorsTally tally in tallies)
        {
            tally.Start(time);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The first tally whose rule a reason matches.</summary>
    public ErrorsTally? Find(string reason)
    {
        foreach (ErrorsTally tally in tallies)
        {
            if (tally.Rule.Pattern.Regex.IsMatch(reason))
            {
                return tally;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ErrorsTally tally in tallies)
        {
            await tally.DisposeAsync().ConfigureAwait(false);
        }
    }
}
