using System.Net.Http.Headers;

namespace MiniDns.Cluster.Api;

/// <summary>A token in a file that somebody replaces from time to time: the kubelet does, for service accounts.</summary>
/// <remarks>Read again once a minute, and at once when the server refuses it.</remarks>
internal sealed class TokenFileCredential(string path, TimeProvider time) : IApiCredential
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private AuthenticationHeaderValue? _header;
    private long _readAt;

    public ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_header is null || time.GetElapsedTime(_readAt) >= GoodFor)
            {
                Read();
            }

            return new(_header);
        }
    }

    public bool Refused()
    {
        lock (_lock)
        {
            string? before = _header?.Parameter;
            Read();
            return _header?.Parameter != before;
        }
    }

    private void Read()
    {
        try
        {
            string token = File.ReadAllText(path).Trim();
            if (token.Length > 0)
            {
                _header = new AuthenticationHeaderValue("Bearer", token);
                _readAt = time.GetTimestamp();
                return;
            }

            throw new ApiAccessException($"token file '{path}' is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ApiAccessException)
        {
            // While it is being replaced the token from before is as good as any.
            if (_header is null)
            {
                throw e as ApiAccessException ?? new ApiAccessException($"token file '{path}': {e.Message}", e);
            }
        }
    }
}
