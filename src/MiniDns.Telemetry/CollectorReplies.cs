using System.Globalization;
using System.Net;
using System.Text;

namespace MiniDns.Telemetry;

/// <summary>Reads what a collector says to each message: whether it took it, and why not.</summary>
/// <param name="inner">Sends.</param>
/// <param name="settings">Tells the protocol and the patience.</param>
/// <param name="ending">Gives up whatever is under way.</param>
internal sealed class CollectorReplies(HttpMessageHandler inner, CollectorSettings settings, CancellationToken ending) : DelegatingHandler(inner)
{
    /// <summary>What a collector answers with is a few octets; more is not read.</summary>
    private const int MostReply = 64 * 1024;

    private const int GrpcHead = 5;

    private readonly byte[] _buffer = new byte[MostReply];

    /// <summary>What became of the last message; null when none was sent.</summary>
    public CollectorResult? Last { get; set; }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending);
        try
        {
            HttpResponseMessage reply = base.Send(request, either.Token);
            using Stream body = reply.Content.ReadAsStream(either.Token);
            return Take(reply, body.ReadAtLeast(_buffer, MostReply, throwOnEndOfStream: false));
        }
        catch (Exception e)
        {
            Last = OfFailure(e);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ending);
        try
        {
            HttpResponseMessage reply = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            using Stream body = await reply.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            return Take(reply, await body.ReadAtLeastAsync(_buffer, MostReply, throwOnEndOfStream: false, either.Token).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            Last = OfFailure(e);
            throw;
        }
    }

    /// <summary>Takes in a reply. Its content was read to the end, so that it has its trailers; the exporter gets a copy.</summary>
    private HttpResponseMessage Take(HttpResponseMessage reply, int length)
    {
        ReadOnlySpan<byte> content = _buffer.AsSpan(0, length);
        bool isGrpc = settings.Protocol == CollectorProtocol.Grpc;
        CollectorResult result = isGrpc && reply.StatusCode == HttpStatusCode.OK ? OfGrpc(reply) : OfHttp(reply, content);
        if (result.IsTaken && settings.Protocol != CollectorProtocol.Zipkin && OtlpReply.Refused(isGrpc ? content[Math.Min(GrpcHead, length)..] : content) is { } refused)
        {
            result = new CollectorResult(refused, null);
        }

        Last = result;
        reply.Content = new ByteArrayContent(content.ToArray());
        return reply;
    }

    private CollectorResult OfFailure(Exception e) => e switch
    {
        OperationCanceledException when ending.IsCancellationRequested => new CollectorResult("the server ended before it was taken", null),
        OperationCanceledException => new CollectorResult(string.Create(CultureInfo.InvariantCulture, $"no reply within {settings.Timeout.TotalSeconds} seconds"), TimeSpan.Zero),
        _ => new CollectorResult(e.InnerException is { } inner ? $"{e.Message}: {inner.Message}" : e.Message, TimeSpan.Zero),
    };

    private static CollectorResult OfHttp(HttpResponseMessage reply, ReadOnlySpan<byte> content)
    {
        if (reply.IsSuccessStatusCode)
        {
            return CollectorResult.Taken;
        }

        bool isForNow = reply.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
        TimeSpan wait = reply.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
        string said = content.Length is > 0 and < 200 && content.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0 ? ": " + Encoding.ASCII.GetString(content) : "";
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
}
