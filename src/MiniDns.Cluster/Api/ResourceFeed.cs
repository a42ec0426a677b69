using System.Globalization;
using System.Net;
using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Keeps a sink informed of one collection of objects: lists it, watches it, and begins again when it must.</summary>
internal sealed class ResourceFeed
{
    private const int PageSize = 500;
    private const int LargestObject = 16 * 1024 * 1024;

    /// <summary>How long a list may be silent.</summary>
    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(60);

    /// <summary>How long initial events may be silent before the server is taken for one that does not know of them.</summary>
    private static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(10);

    /// <summary>How long initial events may take in all, and how much longer for each of them: an old server in a busy cluster is never silent.</summary>
    private static readonly TimeSpan InitialLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan InitialLimitEach = TimeSpan.FromMilliseconds(2);

    /// <summary>Servers send bookmarks every minute; one that has done so and is silent for this long is not there any more.</summary>
    private static readonly TimeSpan BookmarkPatience = TimeSpan.FromMinutes(3);

    /// <summary>A server without streaming lists may be replaced by one that has them.</summary>
    private static readonly TimeSpan NoStreamFor = TimeSpan.FromHours(1);

    private static readonly TimeSpan AbsentFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan NamespaceEvery = TimeSpan.FromSeconds(30);

    private readonly ClusterWatch _watch;
    private readonly IClusterSink _sink;
    private readonly FeedContext _context;
    private readonly ResourcePath _path;
    private readonly ObjectReader _objects;
    private readonly Backoff _backoff;
    private int _apiVersion;
    private string? _version;
    private bool _wholeList;
    private long? _noStreamSince;
    private long _progress;
    private int _notFound;

    public ResourceFeed(ClusterWatch watch, ClusterFields fields, IClusterSink sink, FeedContext context)
    {
        _watch = watch;
        _sink = sink;
        _context = context;
        _path = ResourcePath.Of(watch.Resource);
        _objects = new ObjectReader(watch.Resource, fields);
        _backoff = new Backoff(context.Time, context.Random);
        Title = watch.Namespace is null || watch.Resource == ClusterResource.Namespace ? _path.Plural : $"{_path.Plural} of {watch.Namespace}";
    }

    /// <summary>What the feed is called in messages.</summary>
    public string Title { get; }

    /// <summary>What its objects are called in paths.</summary>
    public string Plural => _path.Plural;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan wait;
            long before = _progress;
            try
            {
                wait = await StepAsync(cancellationToken).ConfigureAwait(false);
                if (_progress != before)
                {
                    _backoff.Reset();
                }
                else if (wait == TimeSpan.Zero)
                {
                    // Closed before anything came: asking again at once would go on for ever.
                    wait = _backoff.Next(null);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (_progress != before)
                {
                    _backoff.Reset();
                }

                wait = Failed(e);
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One conversation with the server.</summary>
    /// <returns>How long to wait before the next.</returns>
    private async Task<TimeSpan> StepAsync(CancellationToken cancellationToken)
    {
        ApiClient client = _context.Client();
        bool streams = _version is null && CanStream();
        try
        {
            if (_version is null && !streams)
            {
                await ListAsync(client, cancellationToken).ConfigureAwait(false);
            }

            await WatchAsync(client, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiFailure e) when (streams && _version is null && e.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)
        {
            NoStream("it refuses them");
        }
        catch (ApiFailure e) when (e.Status == HttpStatusCode.Forbidden && _watch is { Resource: ClusterResource.Namespace, Namespace: not null })
        {
            return await LookAtNamespaceAsync(client, cancellationToken).ConfigureAwait(false);
        }

        return TimeSpan.Zero;
    }

    private async Task ListAsync(ApiClient client, CancellationToken cancellationToken)
    {
        bool inPages = !_wholeList;
        _wholeList = false;
        string first = _path.Collection(_watch, _apiVersion);
        string? token = null;
        string? version;
        _sink.BeginList(_watch);
        do
        {
            string page = first + (inPages ? $"limit={PageSize.ToString(CultureInfo.InvariantCulture)}" : "") + (token is null ? "" : "&continue=" + Uri.EscapeDataString(token));
            ApiReply reply;
            try
            {
                reply = await client.GetAsync(page, isWatch: false, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiFailure e) when (e.IsGone && token is not null)
            {
                // Reading the pages took longer than the server remembers; the next attempt takes all at once.
                _wholeList = true;
                throw;
            }

            await using (reply.ConfigureAwait(false))
            {
                using var frames = new JsonFrames(reply.Body, LargestObject, ListPatience, _context.Time, cancellationToken) { Turns = _context.Turns };
                var list = new ListReader(frames, _objects);
                await list.ReadAsync(Listed).ConfigureAwait(false);
                (token, version) = (list.Continue, list.Version);
            }
        }
        while (token is not null);

        _version = string.IsNullOrEmpty(version) ? throw new ApiFailure("the list has no resourceVersion") : version;
        Synchronized();
    }

    private async Task WatchAsync(ApiClient client, CancellationToken cancellationToken)
    {
        // All feeds of all servers coming back at the same moment is what must not be.
        int seconds = 300 + _context.Random.Next(300);
        bool initial = _version is null;
        string query = initial ? "sendInitialEvents=true&resourceVersionMatch=NotOlderThan" : "resourceVersion=" + Uri.EscapeDataString(_version!);
        string path = $"{_path.Collection(_watch, _apiVersion)}watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds.ToString(CultureInfo.InvariantCulture)}&{query}";
        if (initial)
        {
            _sink.BeginList(_watch);
        }

        ApiReply reply = await client.GetAsync(path, isWatch: true, cancellationToken).ConfigureAwait(false);
        await using (reply.ConfigureAwait(false))
        {
            var whole = TimeSpan.FromSeconds(seconds + 30);
            using var frames = new JsonFrames(reply.Body, LargestObject, initial ? StreamPatience : whole, _context.Time, cancellationToken) { Turns = _context.Turns };
            _context.Connected();
            long since = _context.Time.GetTimestamp();
            int events = 0;
            try
            {
                while (await frames.PeekAsync().ConfigureAwait(false) >= 0)
                {
                    ReadOnlyMemory<byte> line = await frames.ValueAsync().ConfigureAwait(false);
                    WatchEvent happened = Apply(line.Span, initial);
                    _progress += initial ? 0 : 1;
                    if (initial && _context.Time.GetElapsedTime(since) > InitialLimit + (++events * InitialLimitEach))
                    {
                        throw new TimeoutException("the initial events do not end");
                    }

                    if (happened == WatchEvent.Bookmark)
                    {
                        initial = initial && !_objects.EndsInitialEvents;
                        if (!initial && _version is null)
                        {
                            _version = _objects.Version ?? throw new ApiFailure("the end of the initial events has no resourceVersion");
                            Synchronized();
                        }

                        frames.Patience = initial ? StreamPatience : BookmarkPatience < whole ? BookmarkPatience : whole;
                    }
                }
            }
            catch (TimeoutException) when (initial)
            {
                NoStream("its initial events do not end");
            }
        }
    }

    private WatchEvent Apply(ReadOnlySpan<byte> line, bool initial)
    {
        WatchEvent happened = WatchReader.Read(line, _objects, out ClusterBuildOutcome outcome, out ClusterObject? item);
        if (happened == WatchEvent.Put && outcome == ClusterBuildOutcome.Built)
        {
            _sink.Put(_watch, item!);
        }
        else if (happened is WatchEvent.Put or WatchEvent.Deleted && outcome != ClusterBuildOutcome.Invalid)
        {
            _sink.Delete(_watch, _objects.Namespace, _objects.Name);
        }
        else if (happened is not (WatchEvent.Bookmark or WatchEvent.Unknown))
        {
            _context.Spoilt(this, "object");
        }

        if (!initial && _objects.Version is { } version && happened != WatchEvent.Unknown)
        {
            _version = version;
        }

        return happened;
    }

    private void Listed(ClusterBuildOutcome outcome, ClusterObject? item)
    {
        if (outcome == ClusterBuildOutcome.Built)
        {
            _sink.Put(_watch, item!);
        }
        else if (outcome == ClusterBuildOutcome.Invalid)
        {
            _context.Spoilt(this, "object");
        }
    }

    private void Synchronized()
    {
        _sink.EndList(_watch);
        _context.Listed(this);
        _notFound = 0;
        _progress++;
    }

    private bool CanStream()
    {
        if (_noStreamSince is { } since && _context.Time.GetElapsedTime(since) < NoStreamFor)
        {
            return false;
        }

        _noStreamSince = null;
        return true;
    }

    private void NoStream(string why)
    {
        _noStreamSince = _context.Time.GetTimestamp();
        _progress++;
        _context.Log.NoStreamingLists(Title, why);
    }

    private TimeSpan Failed(Exception e)
    {
        ApiFailure? failure = e as ApiFailure;
        if (failure is not null && (failure.IsGone || failure.IsAheadOfServer))
        {
            // The history is gone, or the server is a restored one that has not come so far: what is, is all that counts.
            _version = null;
            _context.Log.HistoryGone(Title, failure.Message);
            return _backoff.Next(null);
        }

        if (failure is { Status: HttpStatusCode.NotFound })
        {
            // Kinds that are added to a cluster have versions that come and go.
            _version = null;
            _apiVersion = (_apiVersion + 1) % _path.Versions.Count;
            if (++_notFound < _path.Versions.Count)
            {
                return TimeSpan.Zero;
            }

            _notFound = 0;
        }

        if (_watch.IsOptional && failure?.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            return Absent(failure!);
        }

        if (e is IOException or HttpRequestException { InnerException: IOException })
        {
            _context.Spoilt(this, "cut");
        }
        else if (e is JsonException or InvalidOperationException or ApiFailure { IsMalformed: true })
        {
            _context.Spoilt(this, "malformed");
        }

        TimeSpan wait = _backoff.Next(failure?.RetryAfter);
        _context.Failed(this, e, wait);
        return wait;
    }

    // There is no such kind of object here, or it is not ours to see: so there are none, until that changes.
    private TimeSpan Absent(ApiFailure failure)
    {
        _version = null;
        _sink.BeginList(_watch);
        _sink.EndList(_watch);
        if (failure.Status == HttpStatusCode.Forbidden)
        {
            _context.Failed(this, failure, AbsentFor);
        }

        return AbsentFor + (AbsentFor * (_context.Random.NextDouble() / 5));
    }

    // A Role gives leave to get the namespace it is in, but to list or watch none.
    private async Task<TimeSpan> LookAtNamespaceAsync(ApiClient client, CancellationToken cancellationToken)
    {
        bool exists = true;
        _version = null;
        try
        {
            ApiReply reply = await client.GetAsync("api/v1/namespaces/" + Uri.EscapeDataString(_watch.Namespace!), isWatch: false, cancellationToken).ConfigureAwait(false);
            await reply.DisposeAsync().ConfigureAwait(false);
        }
        catch (ApiFailure e) when (e.Status == HttpStatusCode.NotFound)
        {
            exists = false;
        }
        catch (ApiFailure e) when (e.Status == HttpStatusCode.Forbidden)
        {
        }

        _sink.BeginList(_watch);
        if (exists)
        {
            _sink.Put(_watch, NamespaceOf(_watch.Namespace!));
        }

        _sink.EndList(_watch);
        _progress++;
        return NamespaceEvery * (0.9 + (_context.Random.NextDouble() / 5));
    }

    private static ClusterObject NamespaceOf(string name)
    {
        var builder = new ClusterObjectBuilder(ClusterFields.None);
        builder.Begin(ClusterResource.Namespace);
        builder.SetName(System.Text.Encoding.UTF8.GetBytes(name));
        return builder.Build(out ClusterObject? item) == ClusterBuildOutcome.Built ? item! : throw new InvalidOperationException("no name of a namespace: " + name);
    }
}
