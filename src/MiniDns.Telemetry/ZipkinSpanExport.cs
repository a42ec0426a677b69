using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Headers;

namespace MiniDns.Telemetry;

/// <summary>Sends spans to Zipkin's second interface, which OpenTelemetry's exporters no longer speak.</summary>
/// <param name="settings">Where the spans go.</param>
internal sealed class ZipkinSpanExport(CollectorSettings settings) : SpanExport(settings)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ArrayBufferWriter<byte> _message = new();
    private readonly Uri _address = settings.Address;
    private readonly string _service = settings.Resource.First(a => a.Key == "service.name").Value;

    /// <inheritdoc/>
    protected override bool TrySend(Activity[] spans)
    {
        ZipkinSpans.Write(_message, _service, spans);
        using HttpRequestMessage request = new(HttpMethod.Post, _address) { Content = new ReadOnlyMemoryContent(_message.WrittenMemory) };
        request.Content.Headers.ContentType = Json;
        try
        {
            using HttpResponseMessage reply = Channel.Client.Send(request);
            return reply.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
