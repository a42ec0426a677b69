using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Capabilities;
using MiniDns.Telemetry;

namespace MiniDns.Plugins.Trace;

/// <summary>The directive <c>trace</c>.</summary>
/// <param name="environment">Reads an environment variable.</param>
public sealed class TracePlugin(Func<string, string?> environment) : IDnsPlugin
{
    private const string DefaultService = "coredns";
    private const int MostSpans = 1_000_000;

    /// <summary>Makes the plugin; it reads the process's environment.</summary>
    public TracePlugin()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    /// <inheritdoc/>
    public string Name => "trace";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        OtlpEnvironment read = new(environment, problem => reader.Warning(problem));
        TraceTarget target = TraceTarget.Read(reader, read);
        TraceOptions options = target.Protocol == CollectorProtocol.Zipkin ? TraceOptions.OfZipkin : OfEnvironment(read);
        string service = DefaultService;
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["every"] = p => options = options with { Every = p.Int(0, int.MaxValue, options.Every) },
            ["service"] = p => service = p.Word("the name of the service"),
            ["client_server"] = p =>
            {
                if (!p.HasArgument || p.Bool(true))
                {
                    p.Warning("has no effect: no client of DNS sends a span that could be shared");
                }
            },
            ["datadog_analytics_rate"] = p => ReadRate(p),
            ["zipkin_max_backlog_size"] = p => options = options with { QueueSpans = p.Int(1, MostSpans, options.QueueSpans) },
            ["zipkin_max_batch_size"] = p => options = options with { BatchSpans = p.Int(1, MostSpans, options.BatchSpans) },
            ["zipkin_max_batch_interval"] = p => options = options with { Interval = p.Duration(options.Interval, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)) },
        });
        options = options with { BatchSpans = Math.Min(options.BatchSpans, options.QueueSpans) };
        if (options.Every == 0 || !read.IsOn || setup.Diagnostics.HasErrors)
        {
            return;
        }

        CollectorSettings settings = target.Protocol == CollectorProtocol.Zipkin
            ? CollectorSettings.OfZipkin(read, target.Address!, service, setup.Services.Host)
            : CollectorSettings.Read(read, OtlpSignal.Traces, target.Address, target.Protocol, service, setup.Services.Host);
        TraceQueue queue = new(options.QueueSpans, options.BatchSpans, TraceExporter.DroppedBy(setup.Services.Metrics, "queue"));
        setup.Block.TracesPlugins = true;
        setup.Provide<IMetadataSource>(new TraceMetadata());
        setup.Run(new TraceExporter(settings, options, queue, setup.Services));
        EveryNth sample = new(options.Every);
        setup.Use(next => new TraceHandler(next, sample, queue, setup.Services.Time));
    }

    private static TraceOptions OfEnvironment(OtlpEnvironment environment)
    {
        TraceOptions options = new();
        return options with
        {
            QueueSpans = environment.Number("OTEL_BSP_MAX_QUEUE_SIZE") ?? options.QueueSpans,
            BatchSpans = environment.Number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE") ?? options.BatchSpans,
            Interval = environment.Milliseconds("OTEL_BSP_SCHEDULE_DELAY") ?? options.Interval,
        };
    }

    private static void ReadRate(DirectiveReader property)
    {
        if (property.HasArgument
            && property.Word("a rate from 0 to 1") is { } word
            && !(double.TryParse(word, System.Globalization.CultureInfo.InvariantCulture, out double rate) && rate is >= 0 and <= 1))
        {
            property.Error($"'{word}' is not a rate from 0 to 1");
            return;
        }

        property.Warning("has no effect: it is a feature of Datadog's own protocol");
    }
}
