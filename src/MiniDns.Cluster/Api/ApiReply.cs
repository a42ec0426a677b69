namespace MiniDns.Cluster.Api;

/// <summary>An answer of the API server that is read as it comes. Disposing gives up what has not come.</summary>
internal sealed class ApiReply(HttpResponseMessage response, Stream body, RequestBudget? budget) : IAsyncDisposable
{
    public Stream Body { get; } = body;

    public async ValueTask DisposeAsync()
    {
        await Body.DisposeAsync().ConfigureAwait(false);
        response.Dispose();
        budget?.Release();
    }
}
