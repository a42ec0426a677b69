namespace MiniDns.Cluster;

/// <summary>Counts the requests of an API client.</summary>
public interface IClusterApiMeter
{
    /// <summary>A request was answered, or failed.</summary>
    /// <param name="host">The server's host and port.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="code">The status code as text, <c>&lt;error&gt;</c> when there was none.</param>
    /// <param name="duration">The time to the answer's header.</param>
    void RequestFinished(string host, string method, string code, TimeSpan duration);

    /// <summary>A request waited for its turn.</summary>
    /// <param name="host">The server's host and port.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="duration">How long.</param>
    void RequestWaited(string host, string method, TimeSpan duration);

    /// <summary>An answer broke off or made no sense, or an object in it had no usable name and was skipped.</summary>
    /// <param name="host">The server's host and port.</param>
    /// <param name="resource">What was asked for, <c>endpointslices</c>.</param>
    /// <param name="kind"><c>cut</c>, <c>malformed</c> or <c>object</c>.</param>
    void AnswerSpoilt(string host, string resource, string kind)
    {
    }
}
