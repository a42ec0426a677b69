using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;

namespace MiniDns.Telemetry;

/// <summary>Turns settings into what OpenTelemetry's exporters and providers want.</summary>
internal static class OtlpOptions
{
    /// <summary>The options of an exporter that sends through a channel. Whatever it read from the environment is replaced: the settings know better.</summary>
    public static OtlpExporterOptions Of(CollectorSettings settings, CollectorChannel channel) => new()
    {
        Endpoint = settings.Address,
        Protocol = settings.Protocol == CollectorProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
        Headers = null,     // the channel's
        TimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds,
        Compression = settings.IsCompressed ? OtlpExportCompression.GZip : OtlpExportCompression.None,
        HttpClientFactory = () => channel.Client,
    };

    /// <summary>What the messages come from.</summary>
    public static ResourceBuilder Resource(CollectorSettings settings) =>
        ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddAttributes(settings.Resource.Select(a => new KeyValuePair<string, object>(a.Key, a.Value)));
}
