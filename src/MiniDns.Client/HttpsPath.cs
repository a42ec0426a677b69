using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MiniDns.Client.Secure;

namespace MiniDns.Client;

/// <summary>The HTTPS connections to one upstream (RFC 8484): HTTP/2 with many queries under way where the upstream speaks it, else HTTP/1.1.</summary>
internal sealed class HttpsPath : IDisposable
{
    private const int MaxMessage = 65_535;
    private static readonly MediaTypeHeaderValue MediaType = new("application/dns-message");
    private static readonly MediaTypeWithQualityHeaderValue Accepted = new("application/dns-message");

    private readonly UpstreamOptions _options;
    private readonly Clock _clock;
    private readonly IUpstreamMeter _meter;
    private readonly TlsClient _tls;
    private readonly HttpMessageInvoker _http;
    private readonly Uri _uri;
    private readonly Lock _lock = new();
    private int _underWay;
    private int _connections;
    private bool _closed;

    public HttpsPath(UpstreamOptions options, Clock clock, IUpstreamMeter meter)
    {
        _options = options;
        _clock = clock;
        _meter = meter;
        string host = options.ServerName ?? options.Address.Address.ToString();
        _tls = new TlsClient(options.Tls, host, reason => meter.HandshakeFailed(UpstreamProtocol.Https, reason));
        string authority = options.ServerName is null && options.Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{host}]" : host;
        _uri = new Uri($"https://{authority}:{options.Address.Port}/dns-query");
        _http = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                // TLS is made with the connection, as for DNS over TLS: where to connect to is known, names are not looked up.
                ConnectCallback = ConnectAsync,
                SslOptions = _tls.Options(SslApplicationProtocol.Http2, SslApplicationProtocol.Http11),
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                ActivityHeadersPropagator = null,
                EnableMultipleHttp2Connections = true,
                MaxConnectionsPerServer = options.MaxConnections,
                MaxResponseHeadersLength = 16,
                PooledConnectionIdleTimeout = options.Expire > TimeSpan.Zero ? options.Expire : TimeSpan.FromMilliseconds(1),
                PooledConnectionLifetime = options.MaxAge > TimeSpan.Zero ? options.MaxAge : Timeout.InfiniteTimeSpan,
                ConnectTimeout = options.ReadTimeout,
            },
            disposeHandler: true);
    }

    public bool TryStart(UpstreamExchange exchange)
    {
        lock (_lock)
        {
            if (_closed)
            {
                exchange.Status = ExchangeStatus.Stopped;
                return false;
            }

            if (_underWay >= _options.MaxInFlightHttps)
            {
                _meter.TableFull(UpstreamProtocol.Https);
                exchange.Status = ExchangeStatus.Busy;
                return false;
            }

            _underWay++;
        }

        if (Volatile.Read(ref _connections) > 0)
        {
            _meter.SocketReused(UpstreamProtocol.Https);
        }
        else
        {
            _meter.SocketOpened(UpstreamProtocol.Https);
        }

        // Off the thread of queries: the first steps of a request take their time.
        _ = Task.Run(() => RunAsync(exchange));
        return true;
    }

    /// <summary>Takes no more exchanges; those under way still end.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            if (_underWay > 0)
            {
                return;
            }
        }

        _http.Dispose();
    }

    private async Task RunAsync(UpstreamExchange exchange)
    {
        ExchangeStatus status;
        try
        {
            using var timeout = new CancellationTokenSource(_clock.Left(exchange.Deadline), _clock.Provider);
            status = await AskAsync(exchange, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            status = ExchangeStatus.TimedOut;
        }
        catch (HttpRequestException failure)
        {
            status = StatusOf(failure);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
        {
            status = ExchangeStatus.Closed;
        }

        bool last;
        lock (_lock)
        {
            last = --_underWay == 0 && _closed;
        }

        if (last)
        {
            _http.Dispose();
        }

        exchange.Finish(status);
    }

    private async Task<ExchangeStatus> AskAsync(UpstreamExchange exchange, CancellationToken cancellationToken)
    {
        // The id is zero, so that caches on the way see that two questions are the same (RFC 8484 §4.1).
        exchange.SetId(0);
        using HttpRequestMessage request = _options.HttpsGet
            ? new HttpRequestMessage(HttpMethod.Get, new Uri(_uri, "?dns=" + Base64Url.EncodeToString(exchange.Sent)))
            : new HttpRequestMessage(HttpMethod.Post, _uri) { Content = new ByteArrayContent(exchange.Sent.ToArray()) };
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Headers.Accept.Add(Accepted);
        if (request.Content is { } content)
        {
            content.Headers.ContentType = MediaType;
        }

        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK || response.Content.Headers.ContentType?.MediaType != MediaType.MediaType)
        {
            _meter.AnswerIgnored(UpstreamProtocol.Https);
            return ExchangeStatus.Closed;
        }

        byte[] message = ArrayPool<byte>.Shared.Rent(MaxMessage + 1);
        try
        {
            int length = 0;
            using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            while (length <= MaxMessage)
            {
                int read = await body.ReadAsync(message.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            if (length > MaxMessage || !exchange.IsAnswer(message.AsSpan(0, length)))
            {
                _meter.AnswerIgnored(UpstreamProtocol.Https);
                return ExchangeStatus.Closed;
            }

            exchange.TakeAnswer(message.AsSpan(0, length));
            return ExchangeStatus.Answered;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    private static ExchangeStatus StatusOf(HttpRequestException failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException:
                    return ExchangeStatus.Untrusted;
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return ExchangeStatus.Refused;
                case SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.AddressNotAvailable }:
                    return ExchangeStatus.Unreachable;
                default:
                    break;
            }
        }

        return ExchangeStatus.Closed;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(_options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (_options.SourceAddress is { } source)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            await socket.ConnectAsync(_options.Address, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _connections);
            return new CountedStream(socket, this);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A connection that says when it is gone.</summary>
    private sealed class CountedStream(Socket socket, HttpsPath path) : NetworkStream(socket, ownsSocket: true)
    {
        private int _gone;

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _gone, 1) == 0)
            {
                Interlocked.Decrement(ref path._connections);
            }

            base.Dispose(disposing);
        }
    }
}
