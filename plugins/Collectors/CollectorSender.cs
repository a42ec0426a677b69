using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Plugins.Collectors;

/// <summary>Sends messages to a collector, one at a time.</summary>
/// <remarks>OpenTelemetry's SDK for .NET is not used: its metrics are those that its own instruments collect, and it takes no histograms that
/// somebody else has counted, which ours are (a metric has no public constructor, and there is no producer to implement).</remarks>
internal sealed class CollectorSender : IDisposable
{
    /// <summary>What a collector answers with is a few octets; more is not read.</summary>
    private const int MostReply = 64 * 1024;

    private const int GrpcHead = 5;

    private readonly CollectorSettings _settings;
    private readonly HttpClient _client;
    private readonly MediaTypeHeaderValue _contentType;

    /// <summary>Makes a sender; it connects when there is something to send.</summary>
    /// <exception cref="IOException">A certificate cannot be read.</exception>
    public CollectorSender(CollectorSettings settings)
    {
        _settings = settings;
        _contentType = new MediaTypeHeaderValue(settings.Protocol switch
        {
            CollectorProtocol.Grpc => "application/grpc",
            CollectorProtocol.Zipkin => "application/json",
            _ => "application/x-protobuf",
        });
        _client = new HttpClient(Handler(settings)) { Timeout = settings.Timeout, MaxResponseContentBufferSize = MostReply };
    }

    /// <summary>Sends a message. Throws nothing but what cancelling throws.</summary>
    public async Task<CollectorResult> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage request = Request(message);
            using HttpResponseMessage reply = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            byte[] content = await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            bool isGrpc = _settings.Protocol == CollectorProtocol.Grpc;
            CollectorResult result = isGrpc && reply.StatusCode == HttpStatusCode.OK ? OfGrpc(reply) : OfHttp(reply, content);
            return result.IsTaken && _settings.Protocol != CollectorProtocol.Zipkin && OtlpReply.Refused(content.AsSpan(isGrpc ? Math.Min(GrpcHead, content.Length) : 0)) is { } refused
                ? new CollectorResult(refused, null)
                : result;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new CollectorResult(string.Create(CultureInfo.InvariantCulture, $"no reply within {_settings.Timeout.TotalSeconds} seconds"), TimeSpan.Zero);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever is wrong with a collector, the next message may fare better.
            return new CollectorResult(e.InnerException is { } inner ? $"{e.Message}: {inner.Message}" : e.Message, TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static SocketsHttpHandler Handler(CollectorSettings settings)
    {
        SocketsHttpHandler handler = new()
        {
            ActivityHeadersPropagator = null,
            ConnectTimeout = settings.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),     // a collector's name may move
            UseCookies = false,
        };
        try
        {
            Secure(handler, settings);
            return handler;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            handler.Dispose();
            throw new IOException($"a certificate for {settings.Address} cannot be used: {e.Message}", e);
        }
    }

    private static void Secure(SocketsHttpHandler handler, CollectorSettings settings)
    {
        if (settings.AuthorityPath is { } authorities)
        {
            X509Certificate2Collection trusted = [];
            trusted.ImportFromPemFile(authorities);
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(trusted);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        if (settings.Identity is { } identity)
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(identity.Certificate, identity.Key);
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null);
        }
    }

    private static byte[] Compress(ReadOnlyMemory<byte> message)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(message.Span);
        }

        return compressed.ToArray();
    }

    private static CollectorResult OfHttp(HttpResponseMessage reply, byte[] content)
    {
        if (reply.IsSuccessStatusCode)
        {
            return CollectorResult.Taken;
        }

        bool isForNow = reply.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
        TimeSpan wait = reply.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
        string said = content.Length is > 0 and < 200 && content.All(c => c is >= 0x20 and < 0x7F) ? ": " + System.Text.Encoding.ASCII.GetString(content) : "";
        return new CollectorResult(string.Create(CultureInfo.InvariantCulture, $"HTTP status {(int)reply.StatusCode}{said}"), isForNow ? wait : null);
    }

    private static CollectorResult OfGrpc(HttpResponseMessage reply)
    {
        string status = Trailer(reply, "grpc-status") ?? "2";
        if (status == "0")
        {
            return CollectorResult.Taken;
        }

        // Cancelled, deadline exceeded, resource exhausted, aborted, out of range, unavailable, data loss.
        bool isForNow = status is "1" or "4" or "8" or "10" or "11" or "14" or "15";
        string said = Trailer(reply, "grpc-message") is { Length: > 0 } message ? ": " + Uri.UnescapeDataString(message) : "";
        return new CollectorResult($"gRPC status {status}{said}", isForNow ? TimeSpan.Zero : null);
    }

    private static string? Trailer(HttpResponseMessage reply, string name) =>
        reply.TrailingHeaders.TryGetValues(name, out IEnumerable<string>? late) ? late.FirstOrDefault()
            : reply.Headers.TryGetValues(name, out IEnumerable<string>? early) ? early.FirstOrDefault() : null;

    private HttpRequestMessage Request(ReadOnlyMemory<byte> message)
    {
        bool isGrpc = _settings.Protocol == CollectorProtocol.Grpc;
        ReadOnlyMemory<byte> body = _settings.IsCompressed ? Compress(message) : message;
        if (isGrpc)
        {
            // One message: whether it is compressed, its length, the octets.
            byte[] framed = new byte[GrpcHead + body.Length];
            framed[0] = (byte)(_settings.IsCompressed ? 1 : 0);
            BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), body.Length);
            body.CopyTo(framed.AsMemory(GrpcHead));
            body = framed;
        }

        HttpRequestMessage request = new(HttpMethod.Post, _settings.Address) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = _contentType;
        if (isGrpc)
        {
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        }

        if (_settings.IsCompressed)
        {
            if (isGrpc)
            {
                request.Headers.Add("grpc-encoding", "gzip");
            }
            else
            {
                request.Content.Headers.ContentEncoding.Add("gzip");
            }
        }

        foreach ((string name, string value) in _settings.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
