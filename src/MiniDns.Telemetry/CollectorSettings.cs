using System.Globalization;
using MiniDns.Plugins;

namespace MiniDns.Telemetry;

/// <summary>Where and how one signal goes to a collector.</summary>
public sealed record CollectorSettings
{
    /// <summary>The port of gRPC by convention.</summary>
    public const int GrpcPort = 4317;

    /// <summary>The port of HTTP by convention.</summary>
    public const int HttpPort = 4318;

    /// <summary>The whole address that messages are posted to.</summary>
    public required Uri Address { get; init; }

    /// <summary>How.</summary>
    public CollectorProtocol Protocol { get; init; }

    /// <summary>Headers of each request.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>True to compress messages (gzip).</summary>
    public bool IsCompressed { get; init; }

    /// <summary>A PEM file of the certificate authorities that the collector's certificate is checked with; null for the system's.</summary>
    public string? AuthorityPath { get; init; }

    /// <summary>PEM files of our certificate and its key, when the collector asks for one.</summary>
    public (string Certificate, string Key)? Identity { get; init; }

    /// <summary>Since when numbers in a message with metrics count.</summary>
    public MetricTemporality Temporality { get; init; }

    /// <summary>What the messages come from: attributes of the resource.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Resource { get; init; } = [];

    /// <summary>Reads what the standard environment variables say of a signal.</summary>
    /// <param name="environment">The variables.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="endpoint">The endpoint that the configuration names, instead of the environment's; null for that.</param>
    /// <param name="protocol">The protocol that the configuration names; null for the environment's.</param>
    /// <param name="serviceName">The service's name when the environment has none.</param>
    /// <param name="host">Facts about the process.</param>
    public static CollectorSettings Read(OtlpEnvironment environment, OtlpSignal signal, Uri? endpoint, CollectorProtocol? protocol, string serviceName, HostFacts host)
    {
        string? own = environment.Of($"OTEL_EXPORTER_OTLP_{signal.EnvironmentName}_ENDPOINT");
        bool isWhole = endpoint is null && own is not null;
        Uri at = endpoint ?? environment.Address(own is null ? "OTEL_EXPORTER_OTLP_ENDPOINT" : $"OTEL_EXPORTER_OTLP_{signal.EnvironmentName}_ENDPOINT")
            ?? new Uri(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{HttpPort}"));
        CollectorProtocol how = protocol ?? ReadProtocol(environment, signal) ?? (at.Port == GrpcPort ? CollectorProtocol.Grpc : CollectorProtocol.Http);
        string? certificate = environment.Of(signal, "CLIENT_CERTIFICATE");
        string? key = environment.Of(signal, "CLIENT_KEY");
        return new CollectorSettings
        {
            Address = how == CollectorProtocol.Grpc ? new Uri(at, "/" + signal.Method) : isWhole ? at : Below(at, signal.Path),
            Protocol = how,
            Headers = environment.Pairs(signal, "HEADERS"),
            Timeout = environment.Milliseconds($"OTEL_EXPORTER_OTLP_{signal.EnvironmentName}_TIMEOUT")
                ?? environment.Milliseconds("OTEL_EXPORTER_OTLP_TIMEOUT") ?? TimeSpan.FromSeconds(10),
            IsCompressed = environment.Of(signal, "COMPRESSION") is "gzip",
            AuthorityPath = environment.Of(signal, "CERTIFICATE"),
            Identity = certificate is not null && key is not null ? (certificate, key) : null,
            Temporality = ReadTemporality(environment),
            Resource = ReadResource(environment, serviceName, host),
        };
    }

    /// <summary>True when other settings say the same.</summary>
    public bool IsSameAs(CollectorSettings other) =>
        Headers.SequenceEqual(other.Headers)
        && Resource.SequenceEqual(other.Resource)
        && this with { Headers = [], Resource = [] } == other with { Headers = [], Resource = [] };

    /// <summary>What is needed for Zipkin: the environment tells only what the traces come from.</summary>
    public static CollectorSettings OfZipkin(OtlpEnvironment environment, Uri address, string serviceName, HostFacts host) =>
        new() { Address = address, Protocol = CollectorProtocol.Zipkin, Resource = ReadResource(environment, serviceName, host) };

    /// <summary>Reads an endpoint as people write it: <c>collector</c>, <c>collector:4318</c>, <c>http://collector:4318/otlp</c>.</summary>
    public static bool TryParseEndpoint(string text, out Uri endpoint)
    {
        bool hasScheme = text.Contains("://", StringComparison.Ordinal);
        bool isAddress = Uri.TryCreate(hasScheme ? text : "http://" + text, UriKind.Absolute, out Uri? address);
        if (isAddress && !hasScheme && address!.IsDefaultPort && !text.Contains(":80", StringComparison.Ordinal))
        {
            address = new UriBuilder(address) { Port = HttpPort }.Uri;
        }

        endpoint = address!;
        return isAddress && address!.Scheme is "http" or "https" && address.Host.Length > 0;
    }

    private static Uri Below(Uri endpoint, string path) =>
        new UriBuilder(endpoint) { Path = endpoint.AbsolutePath.TrimEnd('/') + "/" + path }.Uri;

    private static CollectorProtocol? ReadProtocol(OtlpEnvironment environment, OtlpSignal signal)
    {
        switch (environment.Of(signal, "PROTOCOL"))
        {
            case null:
                return null;
            case "grpc":
                return CollectorProtocol.Grpc;
            case "http/protobuf":
                return CollectorProtocol.Http;
            case { } other:
                environment.Complain($"OTEL_EXPORTER_OTLP_PROTOCOL: '{other}' is not spoken; 'grpc' and 'http/protobuf' are");
                return null;
        }
    }

    private static MetricTemporality ReadTemporality(OtlpEnvironment environment)
    {
        const string Name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
        switch (environment.Of(Name)?.ToLowerInvariant())
        {
            case null or "cumulative":
                return MetricTemporality.Cumulative;
            case "delta":
                return MetricTemporality.Delta;
            case "lowmemory":
                return MetricTemporality.LowMemory;
            case { } other:
                environment.Complain($"{Name}: '{other}' is not known; 'cumulative', 'delta' and 'lowmemory' are");
                return MetricTemporality.Cumulative;
        }
    }

    private static List<KeyValuePair<string, string>> ReadResource(OtlpEnvironment environment, string serviceName, HostFacts host)
    {
        Dictionary<string, string> resource = new(StringComparer.Ordinal)
        {
            ["service.name"] = serviceName,
            ["service.version"] = host.Version.Split('-', 2) is [_, string number] ? number : host.Version,
            ["service.instance.id"] = environment.InstanceId,
            ["host.name"] = host.HostName,
            ["process.pid"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        };
        foreach ((string name, string value) in environment.Pairs("OTEL_RESOURCE_ATTRIBUTES"))
        {
            resource[name] = value;
        }

        if (environment.Of("OTEL_SERVICE_NAME") is { } named)
        {
            resource["service.name"] = named;
        }

        return [.. resource];
    }
}
