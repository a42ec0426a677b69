using System.Net.Http.Headers;

namespace MiniDns.Cluster.Api;

/// <summary>Says who asks the API server, in a header.</summary>
internal interface IApiCredential
{
    /// <summary>The header to send now, or null for none.</summary>
    ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken);

    /// <summary>The server answered 401: what was sent is no good any more; the next header is made afresh.</summary>
    /// <returns>Whether asking again at once can help.</returns>
    bool Refused();
}
