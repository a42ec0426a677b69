using System.Net;

namespace MiniDns.Cluster.Api;

/// <summary>What the feeds of one API server share: the client, the clock, and one voice.</summary>
internal sealed class FeedContext(ClusterApiOptions options, TimeProvider time, Random random, ApiLog log, IClusterApiMeter? meter, Func<string, string?>? variable) : IDisposable
{
    private const double UsualPerSecond = 50;
    private const int UsualBurst = 100;

    /// <summary>A kubeconfig whose credentials are refused is read again, but not all the time.</summary>
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly RequestBudget _budget = new(
        options.QueriesPerSecond > 0 ? options.QueriesPerSecond : UsualPerSecond,
        options.Burst > 0 ? options.Burst : UsualBurst,
        options.MaxInFlight,
        time);

    private ApiClient? _client;
    private long _clientSince;
    private bool _failing;

    public TimeProvider Time => time;

    /// <summary>Where waits and time limits come from that must differ between servers.</summary>
    public Random Random => random;

    public ApiLog Log => log;

    /// <summary>Whose turn it is to decode what came.</summary>
    public SemaphoreSlim Turns { get; } = new(1, 1);

    /// <summary>The client; made when first asked for.</summary>
    /// <exception cref="ApiAccessException">It cannot be made yet.</exception>
    public ApiClient Client()
    {
        lock (_lock)
        {
            if (_client is null)
            {
                _client = new ApiClient(ApiAccess.From(options, time, variable), _budget, time, meter);
                _clientSince = time.GetTimestamp();
            }

            return _client;
        }
    }

    public void Listed(ResourceFeed feed)
    {
        Connected();
        log.Listed(feed.Title);
    }

    /// <summary>The server answers.</summary>
    public void Connected()
    {
        if (Volatile.Read(ref _failing) && Interlocked.Exchange(ref _failing, false))
        {
            log.Recovered(Host);
        }
    }

    public void Failed(ResourceFeed feed, Exception problem, TimeSpan wait)
    {
        ApiFailure? failure = problem as ApiFailure;
        if (failure?.Status == HttpStatusCode.Unauthorized)
        {
            Forget();
        }

        bool isUnreachable = problem is HttpRequestException or IOException or TimeoutException or ApiAccessException;
        if (isUnreachable)
        {
            Volatile.Write(ref _failing, true);
        }

        log.Failed(Host, isUnreachable ? null : feed.Title, Describe(problem), wait);
    }

    /// <summary>Counts an answer that broke off or made no sense.</summary>
    public void Spoilt(ResourceFeed feed, string what)
    {
        meter?.AnswerSpoilt(Host, feed.Plural, what);
        if (what == "object")
        {
            log.ObjectSkipped(feed.Title);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _client?.Dispose();
            _client = null;
        }

        _budget.Dispose();
        Turns.Dispose();
    }

    private string Host => _client?.Host ?? options.Endpoint?.Authority ?? "";

    private void Forget()
    {
        lock (_lock)
        {
            // The watches of the others go on with the one they have.
            if (options.KubeConfigPath is not null && time.GetElapsedTime(_clientSince) > ReadAgainAfter)
            {
                _client = null;
            }
        }
    }

    private static string Describe(Exception problem)
    {
        // What HttpClient says first is the least interesting part.
        Exception inner = problem;
        while (inner is HttpRequestException or IOException or TaskCanceledException && inner.InnerException is not null)
        {
            inner = inner.InnerException;
        }

        return inner.Message;
    }
}
