using System.Net.Http.Headers;
using System.Text;

namespace MiniDns.Cluster.Api;

/// <summary>A token, or user and password, that never change.</summary>
internal sealed class FixedCredential(AuthenticationHeaderValue header) : IApiCredential
{
    public static FixedCredential Token(string token) => new(new AuthenticationHeaderValue("Bearer", token));

    public static FixedCredential Basic(string user, string password) =>
        new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":" + password))));

    public ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken) => new(header);

    public bool Refused() => false;
}
