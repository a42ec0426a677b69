using System.Net;

namespace MiniDns.Cluster.Api;

/// <summary>The API server answered, but with an error; or its answer broke off.</summary>
internal sealed class ApiFailure : Exception
{
    public ApiFailure(HttpStatusCode status, string reason, string message, TimeSpan? retryAfter = null)
        : base(message)
    {
        Status = status;
        Reason = reason;
        RetryAfter = retryAfter;
    }

    /// <summary>What the server sent cannot be understood.</summary>
    public ApiFailure(string message, Exception? inner = null)
        : base(message, inner) => Reason = "Malformed";

    /// <summary>The HTTP status, 0 when the answer was no good by itself.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Kubernetes's word for it: Expired, Forbidden, TooManyRequests.</summary>
    public string Reason { get; }

    /// <summary>How long the server wants not to be asked.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the history asked for is gone: everything must be listed again.</summary>
    public bool IsGone => Status == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    /// <summary>Whether the version asked for is one that the server has not come to: it was restored from a backup.</summary>
    public bool IsAheadOfServer => Status == HttpStatusCode.GatewayTimeout && Message.Contains("Too large resource version", StringComparison.Ordinal);

    /// <summary>Whether what came was no JSON, or was cut off.</summary>
    public bool IsMalformed => Reason == "Malformed";
}
