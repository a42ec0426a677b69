using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>One HTTP request, one DNS message each way (RFC 8484).</summary>
internal sealed class HttpsExchange : IHttpApplication<IFeatureCollection>, IQueryOrigin
{
    /// <summary>Where queries are taken.</summary>
    public const string Path = "/dns-query";

    /// <summary>The type of messages.</summary>
    public const string MediaType = "application/dns-message";

    private const int StatusCount = 600;

    private readonly StreamListener _listener;
    private readonly QueryDispatcher _dispatcher;
    private readonly QueryPool _pool;
    private readonly DnsServices _services;
    private volatile Responses _responses = new("");
    private volatile bool _ending;
    private long _lastRequest;

    /// <summary>Makes it.</summary>
    /// <param name="listener">Whose connections the requests come on.</param>
    /// <param name="dispatcher">Answers.</param>
    /// <param name="pool">Queries.</param>
    /// <param name="services">Clock and counters.</param>
    public HttpsExchange(StreamListener listener, QueryDispatcher dispatcher, QueryPool pool, DnsServices services)
    {
        _listener = listener;
        _dispatcher = dispatcher;
        _pool = pool;
        _services = services;
    }

    /// <inheritdoc/>
    public RoutingTable Routes => _listener.Routes;

    /// <summary>When the last request came, as a timestamp; kept track of since <see cref="End"/>.</summary>
    public long LastRequest => Volatile.Read(ref _lastRequest);

    /// <summary>From now on each connection ends with the response to the next request on it, which says so: no client sends one more in vain.</summary>
    public void End()
    {
        Volatile.Write(ref _lastRequest, _services.Time.GetTimestamp());
        _ending = true;
    }

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
        // Nothing of a request outlives its response.
    }

    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        IHttpResponseFeature response = context.GetRequiredFeature<IHttpResponseFeature>();
        DnsQuery query = _pool.Rent();
        int status;
        try
        {
            (status, int length) = await ReadAsync(context, query).ConfigureAwait(false);
            if (_ending)
            {
                Volatile.Write(ref _lastRequest, _services.Time.GetTimestamp());
                context.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            }

            if (status == StatusCodes.Status200OK)
            {
                status = await AnswerAsync(context, query, length).ConfigureAwait(false);
            }
        }
        finally
        {
            _pool.Return(query);
        }

        if (status != StatusCodes.Status200OK)
        {
            response.StatusCode = status;
            response.Headers.ContentLength = 0;
            if (status == StatusCodes.Status405MethodNotAllowed)
            {
                response.Headers.Allow = "GET, POST";
            }
        }

        Count(status);
    }

    /// <summary>Takes the message out of a request.</summary>
    /// <returns>200 and the message's length in the receive buffer; else what to say.</returns>
    private static async ValueTask<(int Status, int Length)> ReadAsync(IFeatureCollection context, DnsQuery query)
    {
        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        if (request.Path != Path)
        {
            return (StatusCodes.Status404NotFound, 0);
        }

        if (HttpMethods.IsGet(request.Method))
        {
            return (HttpsTarget.Decode(request.QueryString, query, out int length), length);
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            return (StatusCodes.Status405MethodNotAllowed, 0);
        }

        if (!IsMessage(request.Headers.ContentType))
        {
            return (StatusCodes.Status415UnsupportedMediaType, 0);
        }

        try
        {
            PipeReader body = context.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
            while (true)
            {
                ReadResult result = await body.ReadAsync().ConfigureAwait(false);
                if (!result.IsCompleted)
                {
                    body.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    continue;
                }

                int length = (int)result.Buffer.Length;
                query.EnsureReceiveBuffer(length);
                result.Buffer.CopyTo(query.ReceiveBuffer);
                body.AdvanceTo(result.Buffer.End);
                return (StatusCodes.Status200OK, length);
            }
        }
        catch (BadHttpRequestException e)
        {
            // Too large, too slow, or it ends too early.
            return (e.StatusCode, 0);
        }
    }

    private static bool IsMessage(string? contentType)
    {
        ReadOnlySpan<char> type = contentType;
        return type[..(type.IndexOf(';') is >= 0 and int end ? end : type.Length)].Trim().Equals(MediaType, StringComparison.OrdinalIgnoreCase);
    }

    private async ValueTask<int> AnswerAsync(IFeatureCollection context, DnsQuery query, int length)
    {
        IHttpConnectionFeature connection = context.GetRequiredFeature<IHttpConnectionFeature>();
        query.Origin = this;
        query.Client = ClientAddress.From(new IPEndPoint(connection.RemoteIpAddress!, connection.RemotePort));
        query.Local = ClientAddress.From(new IPEndPoint(connection.LocalIpAddress!, connection.LocalPort));
        query.ReceivedAt = _services.Time.GetTimestamp();
        query.MayWait = _listener.MayWait;
        query.TraceParent = context.GetRequiredFeature<IHttpRequestFeature>().Headers.TraceParent;
        _dispatcher.Received.Increment();
        if (query.Begin(length, DnsTransport.Https) is QueryVerdict.Drop or QueryVerdict.FormatError)
        {
            _dispatcher.Ignored.Increment();
            return StatusCodes.Status400BadRequest;
        }

        RoutingTable routes = _listener.EnterRoutes();
        try
        {
            int reply = _dispatcher.Finish(query, await RunAsync(query, length, routes).ConfigureAwait(false));
            if (reply == 0)
            {
                return StatusCodes.Status500InternalServerError;
            }

            Write(context, query.SendBuffer.AsSpan(0, reply));
            return StatusCodes.Status200OK;
        }
        finally
        {
            // One request has one message: what would follow it has no place.
            query.Continuation?.Dispose();
            query.Continuation = null;
            routes.Use.Leave();
        }
    }

    private async ValueTask<DnsOutcome> RunAsync(DnsQuery query, int length, RoutingTable routes)
    {
        ValueTask<DnsOutcome> pending = _dispatcher.DispatchAsync(query, length, DnsTransport.Https, routes);
        if (!pending.IsCompletedSuccessfully)
        {
            _listener.Enter();
            try
            {
                return await pending.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                return _dispatcher.HandlerFailed(query, e);
            }
            finally
            {
                _listener.Leave();
            }
        }

        DnsOutcome outcome = pending.Result;
        if (outcome != DnsOutcome.Dropped || query.MayWait)
        {
            return outcome;
        }

        _dispatcher.DroppedFull.Increment();
        return query.Reply(DnsResponseCode.ServerFailure);
    }

    private static void Write(IFeatureCollection context, ReadOnlySpan<byte> reply)
    {
        IHttpResponseFeature response = context.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = StatusCodes.Status200OK;
        response.Headers.ContentType = MediaType;
        response.Headers.ContentLength = reply.Length;
        response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"max-age={HttpsFreshness.SecondsOf(reply)}");
        PipeWriter body = context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;
        reply.CopyTo(body.GetSpan(reply.Length));
        body.Advance(reply.Length);
    }

    private void Count(int status)
    {
        string server = Routes.Endpoint.Label;
        Responses responses = _responses;
        if (!responses.Server.Equals(server, StringComparison.Ordinal))
        {
            _responses = responses = new Responses(server);
        }

        (responses.ByStatus[status] ??= _services.Metrics.Counter(
            "coredns_https_responses_total",
            "Responses over HTTPS, by their status.",
            ("server", server),
            ("status", status.ToString(CultureInfo.InvariantCulture)))).Increment();
    }

    /// <summary>The counters of one address, made when they first count.</summary>
    private sealed record Responses(string Server)
    {
        public StripedCounter?[] ByStatus { get; } = new StripedCounter?[StatusCount];
    }
}
