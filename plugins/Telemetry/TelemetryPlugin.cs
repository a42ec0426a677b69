using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Telemetry;

namespace MiniDns.Plugins.Telemetry;

/// <summary>The directive <c>telemetry</c>: sends the metrics to a collector. The environment can ask for it too.</summary>
/// <param name="environment">Reads an environment variable.</param>
public sealed class TelemetryPlugin(Func<string, string?> environment) : IAmbientPlugin
{
    private const string DefaultService = "minidns";

    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMinutes(1);
    private static readonly Dictionary<string, CollectorProtocol> Protocols = new(StringComparer.Ordinal)
    {
        ["grpc"] = CollectorProtocol.Grpc,
        ["http/protobuf"] = CollectorProtocol.Http,
    };

    private readonly MetricExports _exports = new();

    /// <summary>Makes the plugin; it reads the process's environment.</summary>
    public TelemetryPlugin()
        : this(System.Environment.GetEnvironmentVariable)
    {
    }

    /// <inheritdoc/>
    public string Name => "telemetry";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        Uri? endpoint = null;
        if (reader.HasArgument)
        {
            string word = reader.Word("the address of a collector");
            endpoint = CollectorSettings.TryParseEndpoint(word, out Uri address) ? address : null;
            if (endpoint is null)
            {
                reader.Error($"'{word}' is not the address of a collector, such as http://collector:4318");
            }
        }

        CollectorProtocol? protocol = null;
        TimeSpan? interval = null;
        string service = DefaultService;
        List<KeyValuePair<string, string>> headers = [];
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["protocol"] = p => protocol = p.Choice(Protocols, CollectorProtocol.Http),
                ["interval"] = p => interval = p.Duration(DefaultInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
                ["service"] = p => service = p.Word("the name of the service"),
                ["header"] = p => headers.Add(new(p.Word("the name of a header"), p.Word("the header's value"))),
            },
            repeatable: ["header"]);
        OtlpEnvironment read = new(environment, problem => reader.Warning(problem));
        CollectorSettings settings = CollectorSettings.Read(read, OtlpSignal.Metrics, endpoint, protocol, service, setup.Services.Host);
        setup.WhenServerWired(all =>
        {
            // One for all blocks: they share their metrics.
            if (all.All<TelemetryDirective>() is [TelemetryDirective first, ..] && first.Directive != setup.Directives[0])
            {
                setup.Diagnostics.Error(setup.Directives[0].Span, $"telemetry: may be used once in a Corefile, since it sends the metrics of all blocks; it was already used at {first.Directive.Span}");
            }
        });
        setup.Provide(new TelemetryDirective(setup.Directives[0]));
        if (read.IsOn)
        {
            setup.Run(new MetricPusher(_exports, settings with { Headers = [.. settings.Headers, .. headers] }, interval ?? IntervalOf(read), setup.Services));
        }
    }

    /// <inheritdoc/>
    public IServerComponent? SetUpWithout(DnsServices services)
    {
        ILogger log = services.LoggerFor(Name);
        OtlpEnvironment read = new(environment, problem => TelemetryLog.Problem(log, problem));
        if (!read.AsksFor(OtlpSignal.Metrics))
        {
            return null;
        }

        CollectorSettings settings = CollectorSettings.Read(read, OtlpSignal.Metrics, endpoint: null, protocol: null, DefaultService, services.Host);
        return new MetricPusher(_exports, settings, IntervalOf(read), services);
    }

    private static TimeSpan IntervalOf(OtlpEnvironment environment) => environment.Milliseconds("OTEL_METRIC_EXPORT_INTERVAL") ?? DefaultInterval;
}
