using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace MiniDns.Cluster.Api;

/// <summary>Sends GET requests to an API server: who asks, how many at a time, how long to wait.</summary>
internal sealed class ApiClient : IDisposable
{
    private const int LongestComplaint = 64 * 1024;
    private static readonly TimeSpan HeaderPatience = TimeSpan.FromSeconds(60);

    private readonly ApiAccess _access;
    private readonly RequestBudget _budget;
    private readonly TimeProvider _time;
    private readonly IClusterApiMeter? _meter;
    private readonly HttpClient _http;
    private readonly ProductInfoHeaderValue _agent;

    public ApiClient(ApiAccess access, RequestBudget budget, TimeProvider time, IClusterApiMeter? meter)
    {
        _access = access;
        _budget = budget;
        _time = time;
        _meter = meter;
        Host = access.Server.Authority;
        _agent = new ProductInfoHeaderValue("MiniDns", typeof(ApiClient).Assembly.GetName().Version?.ToString(3) ?? "0");
        _http = new HttpClient(ApiTransport.Handler(access)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The server's host and port, for metrics and messages.</summary>
    public string Host { get; }

    /// <summary>Asks for something.</summary>
    /// <param name="path">Path and query below the server's address.</param>
    /// <param name="isWatch">True for an answer that goes on and on: it counts as in flight only until it begins.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiFailure">The server answered with another status than 200.</exception>
    public async Task<ApiReply> GetAsync(string path, bool isWatch, CancellationToken cancellationToken)
    {
        var uri = new Uri(_access.Server, path);
        for (int attempt = 0; ; attempt++)
        {
            AuthenticationHeaderValue? who = _access.Credential is null ? null : await _access.Credential.HeaderAsync(cancellationToken).ConfigureAwait(false);
            await EnterAsync(cancellationToken).ConfigureAwait(false);
            bool held = true;
            HttpResponseMessage? response = null;
            try
            {
                response = await SendAsync(uri, who, cancellationToken).ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                    var reply = new ApiReply(response, body, isWatch ? null : _budget);
                    held = !isWatch;
                    if (isWatch)
                    {
                        _budget.Release();
                    }

                    (response, held) = (null, false);
                    return reply;
                }

                if (response.StatusCode != HttpStatusCode.Unauthorized || _access.Credential?.Refused() != true || attempt > 0)
                {
                    throw await FailureAsync(response, cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                response?.Dispose();
                if (held)
                {
                    _budget.Release();
                }
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        long since = _time.GetTimestamp();
        await _budget.EnterAsync(cancellationToken).ConfigureAwait(false);
        _meter?.RequestWaited(Host, "GET", _time.GetElapsedTime(since));
    }

    private async Task<HttpResponseMessage> SendAsync(Uri uri, AuthenticationHeaderValue? who, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Authorization = who;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.Add(_agent);
        long since = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(HeaderPatience, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        string code = "<error>";
        try
        {
            HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token).ConfigureAwait(false);
            code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return response;
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer in {HeaderPatience.TotalSeconds:0} s", e);
        }
        finally
        {
            _meter?.RequestFinished(Host, "GET", code, _time.GetElapsedTime(since));
        }
    }

    private async Task<ApiFailure> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        HttpStatusCode status = response.StatusCode;
        TimeSpan? retryAfter = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => null,
        };
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                using var frames = new JsonFrames(body, LongestComplaint, TimeSpan.FromSeconds(10), _time, cancellationToken);
                ReadOnlyMemory<byte> json = await frames.ValueAsync().ConfigureAwait(false);
                return StatusReader.Read(json.Span, status, retryAfter);
            }
        }
        catch (Exception e) when (e is ApiFailure or JsonException or IOException or TimeoutException or InvalidOperationException)
        {
            // Proxies and load balancers say it in HTML.
            return new ApiFailure(status, "", $"status {(int)status}", retryAfter);
        }
    }
}
