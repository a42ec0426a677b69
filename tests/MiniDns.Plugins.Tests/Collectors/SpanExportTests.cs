using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using MiniDns.Telemetry;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.Tests.Trace;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Collectors;

/// <summary>How messages go to a collector, and what becomes of them.</summary>
public sealed class SpanExportTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("Http")]
    [InlineData("Grpc")]
    public async Task Over_TLS_both_sides_show_their_certificates(string protocol)
    {
        using TestAuthority authority = new();
        using X509Certificate2 certificate = authority.Issue(["localhost"]);
        await using Collector collector = await Collector.StartAsync(certificate);
        string roots = PathOf("ca.pem");
        await File.WriteAllTextAsync(roots, authority.Pem);
        authority.IssueTo(PathOf("pusher.pem"), PathOf("pusher.key"), ["pusher"]);
        CollectorSettings settings = new()
        {
            Address = new Uri((protocol == "Http" ? collector.Http : collector.Grpc).Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/a/b"),
            Protocol = Enum.Parse<CollectorProtocol>(protocol),
            AuthorityPath = roots,
            Identity = (PathOf("pusher.pem"), PathOf("pusher.key")),
        };
        Assert.StartsWith("https://localhost:", settings.Address.ToString(), StringComparison.Ordinal);
        Assert.Equal(CollectorResult.Taken, Send(settings));
        (string path, _, byte[] body) = collector.Received.Single();
        Assert.Equal(protocol == "Http" ? "/a/b" : "/a/b/opentelemetry.proto.collector.trace.v1.TraceService/Export", path);
        Assert.Equal("hello", CollectedSpan.Read(body).Single().Name);

        Assert.NotNull(Send(settings with { AuthorityPath = null }).Problem);
        Assert.NotNull(Send(settings with { Identity = null }).Problem);
    }

    [Theory]
    [InlineData("missing.pem", null)]
    [InlineData("none.pem", "no certificate at all")]
    public async Task A_certificate_that_cannot_be_used_is_named(string file, string? content)
    {
        if (content is not null)
        {
            await File.WriteAllTextAsync(PathOf(file), content);
        }

        CollectorSettings settings = new() { Address = new Uri("https://localhost:1"), Identity = (PathOf(file), PathOf(file)) };
        IOException thrown = Assert.Throws<IOException>(() => SpanExport.To(settings).Dispose());
        Assert.StartsWith("a certificate for https://localhost:1/ cannot be used: ", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(404, false)]
    [InlineData(429, true)]
    [InlineData(503, true)]
    public async Task A_refusal_says_whether_to_try_again(int status, bool isForNow)
    {
        await using Collector collector = await Collector.StartAsync();
        collector.Status = status;
        CollectorResult result = Send(new CollectorSettings { Address = new Uri(collector.Http) });
        Assert.Equal(($"HTTP status {status}", isForNow), (result.Problem, result.RetryAfter is not null));
    }

    [Theory]
    [InlineData("3", false)]
    [InlineData("8", true)]
    [InlineData("14", true)]
    public async Task A_refusal_by_gRPC_says_whether_to_try_again(string status, bool isForNow)
    {
        await using Collector collector = await Collector.StartAsync();
        collector.GrpcStatus = status;
        CollectorResult result = Send(new CollectorSettings { Address = new Uri(collector.Grpc), Protocol = CollectorProtocol.Grpc });
        Assert.Equal(($"gRPC status {status}", isForNow), (result.Problem, result.RetryAfter is not null));
    }

    [Theory]
    [InlineData("Http")]
    [InlineData("Grpc")]
    public async Task What_is_refused_of_a_message_is_told(string protocol)
    {
        await using Collector collector = await Collector.StartAsync();
        collector.Reply = Convert.FromHexString("0A0608031202686F");
        CollectorResult result = Send(new CollectorSettings
        {
            Address = new Uri(protocol == "Http" ? collector.Http : collector.Grpc),
            Protocol = Enum.Parse<CollectorProtocol>(protocol),
        });
        Assert.Equal(new CollectorResult("3 of them were refused: ho", null), result);
    }

    [Fact]
    public async Task A_collector_that_says_nothing_is_waited_for_so_long()
    {
        await using Collector collector = await Collector.StartAsync();
        TaskCompletionSource gate = new();
        collector.Gate = gate.Task;
        CollectorResult result = Send(new CollectorSettings { Address = new Uri(collector.Http), Timeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(("no reply within 0.2 seconds", TimeSpan.Zero), (result.Problem, result.RetryAfter));
        gate.SetResult();
    }

    [Fact]
    public async Task A_reply_without_end_is_not_waited_for()
    {
        await using Collector collector = await Collector.StartAsync();
        collector.Reply = new byte[1_000_000];
        Assert.Equal(CollectorResult.Taken, Send(new CollectorSettings { Address = new Uri(collector.Http) }));
    }

    private static CollectorResult Send(CollectorSettings settings)
    {
        using Activity span = new Activity("hello") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
        span.Stop();
        using SpanExport export = SpanExport.To(settings);
        return export.Send([span]);
    }

    private string PathOf(string file) => Path.Combine(_directory, file);
}
