namespace MiniDns.Plugins.Health;

/// <summary>The page <c>/health</c>: OK as long as the process answers; with <c>?deep</c>, as long as every listener answers DNS.</summary>
internal sealed class HealthPage(DnsServices services)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Makes the page.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="cancellationToken">The client is gone.</param>
    public async ValueTask<HttpSideReply> GetAsync(string query, CancellationToken cancellationToken)
    {
        if (query is not ("?deep" or "?deep=1" or "?deep=true"))
        {
            return new HttpSideReply(200, "OK");
        }

        using var patience = new CancellationTokenSource(Patience, services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        IReadOnlyList<string> silent = await services.Server.CheckListenersAsync(either.Token).ConfigureAwait(false);
        return silent.Count == 0 ? new HttpSideReply(200, "OK") : new HttpSideReply(503, string.Join('\n', silent) + "\n");
    }
}
