using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MiniDns.Testing.Kubernetes;

/// <summary>A Kubernetes API server for tests: lists, pages, watches, bookmarks, history that is forgotten, users, and everything that goes wrong.</summary>
public sealed class FakeApiServer : IAsyncDisposable
{
    private readonly FakeApiStore _store = new();
    private readonly ConcurrentDictionary<string, FakeApiResource> _resources = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<FakeApiRequest> _requests = new();
    private readonly ConcurrentQueue<(Func<FakeApiRequest, bool> When, FakeApiTrouble Trouble)> _troubles = new();
    private readonly ConcurrentDictionary<HttpContext, FakeApiRequest> _watching = new();
    private WebApplication? _application;
    private int _port;
    private int _bookmarks;

    private FakeApiServer(FakeApiCertificates? certificates)
    {
        Certificates = certificates;
        foreach (FakeApiResource resource in FakeApiResource.BuiltIn)
        {
            Install(resource);
        }
    }

    /// <summary>Certificates, when it speaks TLS.</summary>
    public FakeApiCertificates? Certificates { get; }

    /// <summary>Where it is.</summary>
    public Uri Address => new($"{(Certificates is null ? "http" : "https")}://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}/");

    /// <summary>Everything asked so far.</summary>
    public IReadOnlyCollection<FakeApiRequest> Requests => _requests;

    /// <summary>The watches that are open.</summary>
    public IReadOnlyCollection<FakeApiRequest> Watches => [.. _watching.Values];

    /// <summary>How many bookmarks went out, those at the end of initial events not counted.</summary>
    public int BookmarksSent => Volatile.Read(ref _bookmarks);

    /// <summary>The version of the last change.</summary>
    public long Version => _store.Version;

    /// <summary>Whether it has streaming lists: <c>sendInitialEvents</c>.</summary>
    public FakeStreaming Streaming { get; set; } = FakeStreaming.Supported;

    /// <summary>Whether a watch from a version that is forgotten is refused with status 410, rather than told so by an event.</summary>
    public bool RefusesOldWatches { get; set; }

    /// <summary>Tokens that it takes; null when everybody may ask.</summary>
    public IReadOnlySet<string>? Tokens { get; set; }

    /// <summary>User and password that it takes.</summary>
    public (string User, string Password)? Basic { get; set; }

    /// <summary>Whether a client certificate is enough, where <see cref="Tokens"/> are wanted.</summary>
    public bool TakesCertificates { get; set; }

    /// <summary>What is forbidden; nothing by default.</summary>
    public Func<FakeApiRequest, bool> Forbids { get; set; } = static _ => false;

    /// <summary>Starts one.</summary>
    /// <param name="tls">Whether it speaks TLS.</param>
    public static async Task<FakeApiServer> StartAsync(bool tls = false)
    {
        var server = new FakeApiServer(tls ? new FakeApiCertificates() : null);
        await server.RunAsync();
        return server;
    }

    /// <summary>Makes a kind of object known.</summary>
    public void Install(FakeApiResource resource) => _resources[resource.Group + "/" + resource.Version + "/" + resource.Plural] = resource;

    /// <summary>Makes a kind of object unknown; its watches end.</summary>
    public void Uninstall(FakeApiResource resource)
    {
        _resources.TryRemove(resource.Group + "/" + resource.Version + "/" + resource.Plural, out _);
        CutWatches(w => w.Resource == resource.Plural && w.Version == resource.Version);
    }

    /// <summary>Adds or replaces an object.</summary>
    public void Apply(JsonObject item) => _store.Put(PluralOf((string)item["kind"]!), item);

    /// <summary>Adds or replaces an object.</summary>
    public void Apply(string json) => Apply(JsonNode.Parse(json)!.AsObject());

    /// <summary>Deletes an object.</summary>
    public bool Delete(string kind, string ns, string name) => _store.Remove(PluralOf(kind), ns, name);

    /// <summary>The objects of a kind.</summary>
    public IReadOnlyList<JsonObject> All(string kind) => [.. _store.All(PluralOf(kind)).Select(o => o.Parse())];

    /// <summary>Forgets the history: watches from before now, and further pages, are gone.</summary>
    public void Compact() => _store.Compact();

    /// <summary>Sends a bookmark to every watch that wants them.</summary>
    public void Bookmark() => _store.Bookmark();

    /// <summary>Cuts open watches, in the middle of whatever they are doing.</summary>
    public void CutWatches(Func<FakeApiRequest, bool>? which = null)
    {
        foreach ((HttpContext context, FakeApiRequest request) in _watching)
        {
            if (which is null || which(request))
            {
                context.Abort();
            }
        }
    }

    /// <summary>Lets something go wrong, once.</summary>
    /// <param name="trouble">What.</param>
    /// <param name="when">With which request; the next one by default.</param>
    public void Expect(FakeApiTrouble trouble, Func<FakeApiRequest, bool>? when = null) => _troubles.Enqueue((when ?? (static _ => true), trouble));

    /// <summary>Stops to listen; everybody is cut off.</summary>
    public async Task StopAsync()
    {
        CutWatches();
        if (_application is { } application)
        {
            _application = null;
            using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await application.StopAsync(now.Token);
            await application.DisposeAsync();
        }
    }

    /// <summary>Listens again, on the same port, with the objects as they are.</summary>
    /// <param name="forgetful">Whether the history is gone, as after a restart of a real server.</param>
    public async Task RestartAsync(bool forgetful = true)
    {
        await StopAsync();
        if (forgetful)
        {
            Compact();
        }

        await RunAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Certificates?.Dispose();
    }

    private async Task RunAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (Certificates is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.Services.AddLogging(static l => l.ClearProviders());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, _port, Secure);
        });
        WebApplication application = builder.Build();
        application.Run(ServeAsync);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await application.StartAsync();
                break;
            }
            catch (IOException) when (attempt < 50 && _port != 0)
            {
                // The port of before the restart is still being closed.
                await Task.Delay(20);
            }
        }

        _port = new Uri(application.Urls.First()).Port;
        _application = application;
    }

    private void Secure(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (Certificates is { } certificates)
        {
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificates.Server,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (certificate, _, _) => certificates.Knows(certificate),
            });
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        FakeApiRequest request = Parse(context);
        _requests.Enqueue(request);
        FakeApiTrouble trouble = TroubleFor(request);
        var answer = new FakeApiAnswer(context, trouble);
        try
        {
            await AnswerAsync(context, request, answer, trouble);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            context.Abort();
        }
    }

    private async Task AnswerAsync(HttpContext context, FakeApiRequest request, FakeApiAnswer answer, FakeApiTrouble trouble)
    {
        if (trouble.Hang)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        else if (trouble.Status != 0)
        {
            if (trouble.RetryAfter is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            await answer.StatusAsync(trouble.Status, trouble.Reason, "trouble as expected");
        }
        else if (trouble.Body is { } body)
        {
            await answer.WriteAsync(body);
        }
        else if (request.User.Length == 0)
        {
            await answer.StatusAsync(401, "Unauthorized", "Unauthorized");
        }
        else if (Forbids(request))
        {
            await answer.StatusAsync(403, "Forbidden", $"{request.Resource} is forbidden: User \"{request.User}\" cannot {request.Verb} resource \"{request.Resource}\"");
        }
        else if (!_resources.ContainsKey(request.Group + "/" + request.Version + "/" + request.Resource))
        {
            await answer.StatusAsync(404, "NotFound", "the server could not find the requested resource");
        }
        else if (request.Verb == "get")
        {
            FakeApiObject? found = _store.All(request.Resource).FirstOrDefault(o => o.Namespace == (request.Resource == "namespaces" ? "" : request.Namespace) && o.Name == request.Name);
            await (found is null ? answer.StatusAsync(404, "NotFound", $"{request.Resource} \"{request.Name}\" not found") : answer.WriteAsync(found.Json));
        }
        else if (request.Verb == "list")
        {
            await ListAsync(request, answer);
        }
        else
        {
            _watching[context] = request;
            try
            {
                await WatchAsync(context, request, answer);
            }
            finally
            {
                _watching.TryRemove(context, out _);
            }
        }
    }

    private async Task ListAsync(FakeApiRequest request, FakeApiAnswer answer)
    {
        int limit = int.TryParse(request["limit"], CultureInfo.InvariantCulture, out int given) ? given : 0;
        if (!_store.TryPage(request.Resource, Filter(request), limit, request["continue"], out FakeApiPage page))
        {
            await answer.StatusAsync(410, "Expired", "The provided continue parameter is too old to display a consistent list result.");
            return;
        }

        FakeApiResource kind = _resources[request.Group + "/" + request.Version + "/" + request.Resource];
        string remaining = page.Continue.Length == 0 ? "" : $",\"continue\":\"{page.Continue}\",\"remainingItemCount\":{page.Remaining}";
        await answer.WriteAsync(Encoding.UTF8.GetBytes($"{{\"kind\":\"{kind.Kind}List\",\"apiVersion\":\"{kind.ApiVersion}\",\"metadata\":{{\"resourceVersion\":\"{page.Version}\"{remaining}}},\"items\":["));
        for (int i = 0; i < page.Items.Count; i++)
        {
            if (i > 0)
            {
                await answer.WriteAsync(","u8.ToArray());
            }

            await answer.WriteAsync(page.Items[i].Json);
        }

        await answer.WriteAsync("]}\n"u8.ToArray());
    }

    private async Task WatchAsync(HttpContext context, FakeApiRequest request, FakeApiAnswer answer)
    {
        Func<FakeApiObject, bool> filter = Filter(request);
        FakeApiResource kind = _resources[request.Group + "/" + request.Version + "/" + request.Resource];
        bool wantsBookmarks = request["allowWatchBookmarks"] is "true" or "1";
        bool wantsInitial = request["sendInitialEvents"] == "true" && Streaming == FakeStreaming.Supported;
        if (request["sendInitialEvents"] == "true" && Streaming == FakeStreaming.Refused)
        {
            await answer.StatusAsync(422, "Invalid", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
            return;
        }

        long round = _store.BookmarkRound;
        long sent = FakeApiStore.ParseVersion(request["resourceVersion"]);
        if (sent == 0)
        {
            _store.TryPage(request.Resource, filter, 0, "", out FakeApiPage all);
            foreach (FakeApiObject o in all.Items)
            {
                await answer.EventAsync("ADDED", o.Json);
            }

            sent = all.Version;
            if (wantsInitial && wantsBookmarks)
            {
                await answer.EventAsync("BOOKMARK", BookmarkOf(kind, sent, ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}"));
            }
        }
        else if (sent > _store.Version)
        {
            await answer.StatusAsync(504, "Timeout", "Timeout: Too large resource version: " + request["resourceVersion"]);
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(int.TryParse(request["timeoutSeconds"], CultureInfo.InvariantCulture, out int seconds) ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromHours(1));
        while (!limit.IsCancellationRequested)
        {
            Task changed = _store.Changed;
            if (!_store.TryChanges(request.Resource, sent, out List<FakeApiChange> changes, out long version))
            {
                if (RefusesOldWatches && !answer.HasStarted)
                {
                    await answer.StatusAsync(410, "Expired", $"too old resource version: {sent}");
                }
                else
                {
                    await answer.EventAsync("ERROR", FakeApiAnswer.Status(410, "Expired", $"too old resource version: {sent}"));
                }

                return;
            }

            foreach (FakeApiChange change in changes)
            {
                if (change.For(filter) is { } seen)
                {
                    await answer.EventAsync(seen.Type, seen.Object.Json);
                }
            }

            sent = version;
            if (wantsBookmarks && _store.BookmarkRound != round)
            {
                round = _store.BookmarkRound;
                await answer.EventAsync("BOOKMARK", BookmarkOf(kind, sent, ""));
                await answer.FlushAsync();
                Interlocked.Increment(ref _bookmarks);
            }

            await answer.FlushAsync();
            await changed.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static byte[] BookmarkOf(FakeApiResource kind, long version, string annotations) => Encoding.UTF8.GetBytes(
        $"{{\"kind\":\"{kind.Kind}\",\"apiVersion\":\"{kind.ApiVersion}\",\"metadata\":{{\"resourceVersion\":\"{version}\",\"creationTimestamp\":null{annotations}}}}}");

    private static Func<FakeApiObject, bool> Filter(FakeApiRequest request) =>
        o => (request.Namespace.Length == 0 || request.Resource == "namespaces" || o.Namespace == request.Namespace) && FakeSelector.Matches(request["labelSelector"], request["fieldSelector"], o);

    private FakeApiTrouble TroubleFor(FakeApiRequest request)
    {
        // Those that are for other requests stay, in their order.
        FakeApiTrouble? found = null;
        lock (_troubles)
        {
            for (int i = _troubles.Count; i > 0 && _troubles.TryDequeue(out (Func<FakeApiRequest, bool> When, FakeApiTrouble Trouble) next); i--)
            {
                if (found is null && next.When(request))
                {
                    found = next.Trouble;
                }
                else
                {
                    _troubles.Enqueue(next);
                }
            }
        }

        return found ?? new FakeApiTrouble();
    }

    private FakeApiRequest Parse(HttpContext context)
    {
        string[] parts = context.Request.Path.Value!.Trim('/').Split('/');
        Dictionary<string, string> query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        string group = "";
        string version = "";
        string ns = "";
        string resource = "";
        string name = "";
        int at = parts[0] switch { "api" => 2, "apis" => 3, _ => parts.Length };
        if (at < parts.Length + 1 && parts[0] is "api" or "apis")
        {
            group = parts[0] == "apis" ? parts.ElementAtOrDefault(1) ?? "" : "";
            version = parts.ElementAtOrDefault(at - 1) ?? "";
            string[] rest = [.. parts.Skip(at)];
            if (rest.Length >= 3 && rest[0] == "namespaces")
            {
                ns = rest[1];
                rest = rest[2..];
            }

            resource = rest.ElementAtOrDefault(0) ?? "";
            name = rest.ElementAtOrDefault(1) ?? "";
            if (resource == "namespaces" && name.Length > 0)
            {
                ns = name;      // authorized by what a Role in that namespace says
            }
        }

        string verb = resource.Length == 0 ? context.Request.Method : name.Length > 0 ? "get" : query.GetValueOrDefault("watch") is "true" or "1" ? "watch" : "list";
        return new FakeApiRequest(UserOf(context), verb, group, version, resource, ns, name, context.Request.Path + context.Request.QueryString, query);
    }

    private string UserOf(HttpContext context)
    {
        if (Certificates is not null && context.Connection.ClientCertificate is { } certificate && TakesCertificates)
        {
            return "cert:" + certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        }

        string header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Basic ", StringComparison.Ordinal) && Basic is { } basic)
        {
            string expected = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{basic.User}:{basic.Password}"));
            return header[6..] == expected ? "basic:" + basic.User : "";
        }

        if (Tokens is null && Basic is null && !TakesCertificates)
        {
            return header.StartsWith("Bearer ", StringComparison.Ordinal) ? "token:" + header[7..] : "anonymous";
        }

        return header.StartsWith("Bearer ", StringComparison.Ordinal) && Tokens?.Contains(header[7..]) == true ? "token:" + header[7..] : "";
    }

    private string PluralOf(string kind) =>
        _resources.Values.FirstOrDefault(r => r.Kind == kind)?.Plural ?? throw new ArgumentException($"the server knows no {kind}; install it first", nameof(kind));
}
