using MiniDns.Telemetry;

namespace MiniDns.Plugins.Tests.Collectors;

/// <summary>OpenTelemetry's environment variables, as its specification has them.</summary>
public sealed class OtlpEnvironmentTests
{
    [Theory]
    [InlineData("", "http://localhost:4318/v1/metrics", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "http://c:4318/v1/metrics", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318/", "http://c:4318/v1/metrics", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=https://c/otlp", "https://c/otlp/v1/metrics", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=c", "http://c:4318/v1/metrics", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=c:80", "http://c/v1/metrics", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4318/take/it", "http://c:4318/take/it", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://a:1;OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://b:2/x", "http://b:2/x", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://b:2/x", "http://localhost:4318/v1/metrics", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", "http://c:4317/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "Grpc")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317;OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "http://c:4317/v1/metrics", "Http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:9;OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "http://c:9/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "Grpc")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=grpc;OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf", "http://localhost:4318/v1/metrics", "Http")]
    public void An_endpoint_is_found(string variables, string address, string protocol)
    {
        CollectorSettings settings = Read(variables);
        Assert.Equal((address, protocol), (settings.Address.ToString(), settings.Protocol.ToString()));
    }

    [Fact]
    public void The_directive_goes_before_the_environment()
    {
        CollectorSettings settings = CollectorSettings.Read(
            Of("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://b:2/x;OTEL_EXPORTER_OTLP_PROTOCOL=grpc", Assert.Fail),
            OtlpSignal.Metrics,
            new Uri("http://directive:4318"),
            CollectorProtocol.Http,
            "service",
            new HostFacts("MiniDns-1", "host"));
        Assert.Equal("http://directive:4318/v1/metrics", settings.Address.ToString());
    }

    [Fact]
    public void The_rest_is_read()
    {
        CollectorSettings settings = Read(
            "OTEL_EXPORTER_OTLP_TIMEOUT=250;OTEL_EXPORTER_OTLP_COMPRESSION=gzip;OTEL_EXPORTER_OTLP_HEADERS=a=1, b=two%20words;OTEL_EXPORTER_OTLP_CERTIFICATE=/ca.pem;"
            + "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=/c.pem;OTEL_EXPORTER_OTLP_CLIENT_KEY=/k.pem;OTEL_EXPORTER_OTLP_METRICS_HEADERS=c=3");
        Assert.Equal(TimeSpan.FromMilliseconds(250), settings.Timeout);
        Assert.True(settings.IsCompressed);
        Assert.Equal([new("c", "3")], settings.Headers);
        Assert.Equal(("/ca.pem", ("/c.pem", "/k.pem")), (settings.AuthorityPath, settings.Identity!.Value));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=ftp://c", "OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://c' is not an address such as http://collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' is not spoken; 'grpc' and 'http/protobuf' are")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT=soon", "OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' is not a whole number above zero")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS=a", "OTEL_EXPORTER_OTLP_HEADERS: 'a' is not a pair such as key=value")]
    public void What_cannot_be_used_is_complained_of_and_passed_over(string variables, string complaint)
    {
        List<string> complaints = [];
        CollectorSettings settings = CollectorSettings.Read(Of(variables, complaints.Add), OtlpSignal.Metrics, null, null, "service", new HostFacts("MiniDns-1", "host"));
        Assert.Equal([complaint], complaints);
        Assert.Equal("http://localhost:4318/v1/metrics", settings.Address.ToString());
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("0A00", null)]
    [InlineData("0A020800", null)]
    [InlineData("0A0608031202686F", "3 of them were refused: ho")]
    [InlineData("0A020807", "7 of them were refused")]
    [InlineData("0A7F0807", null)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFF", null)]
    [InlineData("0D00000000", null)]
    public void What_a_collector_refused_is_read(string message, string? refused) => Assert.Equal(refused, OtlpReply.Refused(Convert.FromHexString(message)));

    private static CollectorSettings Read(string variables) =>
        CollectorSettings.Read(Of(variables, Assert.Fail), OtlpSignal.Metrics, null, null, "service", new HostFacts("MiniDns-1", "host"));

    private static OtlpEnvironment Of(string variables, Action<string> complain)
    {
        Dictionary<string, string> all = variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        return new OtlpEnvironment(n => all.GetValueOrDefault(n), complain);
    }
}
