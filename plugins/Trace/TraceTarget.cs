using System.Globalization;
using MiniDns.Configuration;
using MiniDns.Telemetry;

namespace MiniDns.Plugins.Trace;

/// <summary>Where traces go, as the directive says.</summary>
/// <param name="Protocol">How; null for OTLP as the environment and the port say.</param>
/// <param name="Address">Where; null for where the environment says.</param>
internal sealed record TraceTarget(CollectorProtocol? Protocol, Uri? Address)
{
    private const string DefaultZipkin = "localhost:9411";

    /// <summary>Reads <c>[ENDPOINT-TYPE] [ENDPOINT]</c>.</summary>
    public static TraceTarget Read(DirectiveReader reader, OtlpEnvironment environment)
    {
        if (!reader.ArgumentCount(0, 2, "trace [ENDPOINT-TYPE] [ENDPOINT]"))
        {
            return new TraceTarget(null, null);
        }

        if (!reader.HasArgument)
        {
            return environment.AsksFor(OtlpSignal.Traces) ? new TraceTarget(null, null) : Zipkin(reader, DefaultZipkin);
        }

        bool hasType = reader.ArgumentsLeft == 2;
        string first = reader.Word("a type of endpoint");
        if (!hasType)
        {
            return first == "otlp" ? new TraceTarget(null, null) : Zipkin(reader, first);
        }

        SourceSpan place = reader.Span;
        string endpoint = reader.Word("an endpoint");
        switch (first.ToLowerInvariant())
        {
            case "otlp":
                return new TraceTarget(null, Parse(reader, endpoint));
            case "zipkin":
                return Zipkin(reader, endpoint);
            case "datadog":
                Uri? agent = Parse(reader, endpoint);
                Uri? receiver = agent is null ? null : new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{agent.Host}:{CollectorSettings.HttpPort}"));
                reader.Warning($"Datadog's own protocol is not spoken; its agent takes OTLP where that is switched on, so traces go to {receiver}; write 'trace otlp {receiver}'");
                return new TraceTarget(CollectorProtocol.Http, receiver);
            default:
                reader.Error(place, $"'{first}' is not a type of endpoint; write 'otlp' or 'zipkin'");
                return new TraceTarget(null, null);
        }
    }

    private static TraceTarget Zipkin(DirectiveReader reader, string endpoint) => new(
        CollectorProtocol.Zipkin,
        Parse(reader, endpoint.Contains("http", StringComparison.Ordinal) ? endpoint : $"http://{endpoint}/api/v2/spans"));

    private static Uri? Parse(DirectiveReader reader, string text)
    {
        if (CollectorSettings.TryParseEndpoint(text, out Uri address))
        {
            return address;
        }

        reader.Error($"'{text}' is not the address of a collector, such as http://collector:4318");
        return null;
    }
}
