using Microsoft.Extensions.Logging;

namespace MiniDns.Cluster.Api;

/// <summary>What the API client has to say. The same complaint of several feeds, or again and again, is made once a minute.</summary>
internal sealed partial class ApiLog(ILogger logger, TimeProvider time)
{
    private const int MostRemembered = 64;
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _said = new(StringComparer.Ordinal);

    public void Failed(string host, string? feed, string problem, TimeSpan wait)
    {
        if (IsNews(feed + problem))
        {
            if (feed is null)
            {
                Unreachable(host, problem, wait.TotalSeconds);
            }
            else
            {
                Refused(feed, problem, wait.TotalSeconds);
            }
        }
    }

    public void Recovered(string host)
    {
        lock (_lock)
        {
            _said.Clear();
        }

        Reachable(host);
    }

    public void ObjectSkipped(string feed)
    {
        if (IsNews("object " + feed))
        {
            Skipped(feed);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "the API server {Host} does not answer: {Problem}; next attempt in {Seconds:0.0} s", SkipEnabledCheck = true)]
    private partial void Unreachable(string host, string problem, double seconds);

    [LoggerMessage(2, LogLevel.Warning, "the API server gives no {Feed}: {Problem}; next attempt in {Seconds:0.0} s", SkipEnabledCheck = true)]
    private partial void Refused(string feed, string problem, double seconds);

    [LoggerMessage(3, LogLevel.Information, "the API server {Host} answers again")]
    private partial void Reachable(string host);

    [LoggerMessage(4, LogLevel.Debug, "{Feed}: the history is gone, listing again: {Problem}")]
    public partial void HistoryGone(string feed, string problem);

    [LoggerMessage(5, LogLevel.Debug, "{Feed}: no streaming lists, {Why}: listing in pages")]
    public partial void NoStreamingLists(string feed, string why);

    [LoggerMessage(6, LogLevel.Warning, "{Feed}: an object without a usable name was skipped", SkipEnabledCheck = true)]
    private partial void Skipped(string feed);

    [LoggerMessage(7, LogLevel.Debug, "{Feed}: listed")]
    public partial void Listed(string feed);

    private bool IsNews(string what)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (_said.TryGetValue(what, out long at) && time.GetElapsedTime(at, now) < Quiet)
            {
                return false;
            }

            if (_said.Count >= MostRemembered)
            {
                _said.Clear();
            }

            _said[what] = now;
            return true;
        }
    }
}
