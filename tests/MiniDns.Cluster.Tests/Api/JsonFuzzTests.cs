using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Cluster.Api;
using MiniDns.Cluster.Objects;
using MiniDns.Testing.Kubernetes;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>Answers that are no JSON, or not the JSON that is expected.</summary>
public sealed class JsonFuzzTests
{
    private static readonly (ClusterResource Resource, byte[] Json)[] Seeds =
    [
        (ClusterResource.Service, Bytes(KubeObjects.Service("default", "web", "10.96.0.1", ("a", "b")))),
        (ClusterResource.EndpointSlice, Bytes(KubeObjects.Slice("default", "web", "x", "10.0.0.1", "10.0.0.2"))),
        (ClusterResource.Pod, Bytes(KubeObjects.Pod("default", "web", "Running", "10.0.0.1", "2001:db8::1"))),
        (ClusterResource.ServiceImport, Bytes(KubeObjects.ServiceImport("v1beta1", "default", "web", "10.4.0.1"))),
        (ClusterResource.Namespace, Bytes(KubeObjects.Namespace("default"))),
        (ClusterResource.Ingress, Encoding.UTF8.GetBytes("""{"metadata":{"name":"i","namespace":"n"},"spec":{"rules":[{"host":"a.example"},{"http":{}}]},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},{"hostname":"lb.example","ports":[]}]}}}""")),
        (ClusterResource.Gateway, Encoding.UTF8.GetBytes("""{"metadata":{"name":"g","namespace":"n"},"spec":{"listeners":[{"hostname":"*.example"}]},"status":{"addresses":[{"type":"IPAddress","value":"192.0.2.1"},{"value":"lb.example"}]}}""")),
        (ClusterResource.HttpRoute, Encoding.UTF8.GetBytes("""{"metadata":{"name":"r","namespace":"n"},"spec":{"hostnames":["a.example"],"parentRefs":[{"name":"g"},{"kind":"Service","name":"s"},{"kind":"Gateway","namespace":"m","name":"h"}]}}""")),
    ];

    [Fact]
    public void Spoilt_objects_are_read_or_refused_but_nothing_else_happens()
    {
        Gen<(int Seed, int At, byte Octet, int Kind)> spoilt =
            from seed in Gen.Choose(0, Seeds.Length - 1)
            from at in Gen.Choose(0, Seeds[seed].Json.Length - 1)
            from octet in Gen.OneOf(Gen.Elements("\"{}[],:\\0ntu".Select(c => (byte)c).ToArray()), Gen.Choose(0, 255).Select(i => (byte)i))
            from kind in Gen.Choose(0, 3)
            select (seed, at, octet, kind);
        Prop.ForAll(spoilt.ToArbitrary(), s => Read(s.Seed, Spoil(Seeds[s.Seed].Json, s.At, s.Octet, s.Kind))).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Fact]
    public void Every_beginning_of_an_object_is_refused()
    {
        foreach ((ClusterResource resource, byte[] json) in Seeds)
        {
            for (int length = 1; length < json.Length; length++)
            {
                Assert.ThrowsAny<JsonException>(() => ReadOne(resource, json.AsSpan(0, length)));
            }

            Assert.Equal(ClusterBuildOutcome.Built, ReadOne(resource, json));
        }
    }

    [Fact]
    public async Task Values_are_cut_alike_wherever_the_stream_is_split()
    {
        string[] values = ["{}", "[1,[2,{\"a\":\"]\"}]]", "\"a\\\"b\\\\\"", "12.5", "null", "{\"\\u0022\":\"{\"}", "\"\"", "[\"\\\\\",\"}\"]"];
        byte[] stream = Encoding.UTF8.GetBytes(" " + string.Join(",\n ", values) + " ");
        for (int size = 1; size < 9; size++)
        {
            using var frames = new JsonFrames(new DrippingStream(stream, size), 1 << 20, TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);
            for (int i = 0; i < values.Length; i++)
            {
                if (i > 0)
                {
                    await frames.TakeAsync((byte)',');
                }

                Assert.Equal(values[i], Encoding.UTF8.GetString((await frames.ValueAsync()).Span));
            }

            Assert.Equal(-1, await frames.PeekAsync());
        }
    }

    [Fact]
    public async Task An_object_without_end_is_refused_at_a_limit()
    {
        byte[] stream = Encoding.UTF8.GetBytes("[" + new string('1', 300_000));
        using var frames = new JsonFrames(new DrippingStream(stream, 5000), 100_000, TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);
        ApiFailure e = await Assert.ThrowsAsync<ApiFailure>(async () => await frames.ValueAsync());
        Assert.Contains("more than 100000 octets", e.Message);
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"a","namespace":"n","resourceVersion":"7"}}}""", "Put 7 n/a")]
    [InlineData("""{"object":{"metadata":{"namespace":"n","name":"a","resourceVersion":"7"}},"type":"MODIFIED"}""", "Put 7 n/a")]
    [InlineData("""{"type":"DELETED","object":{"metadata":{"name":"a","namespace":"n","resourceVersion":"8"}},"more":[{}]}""", "Deleted 8 n/a")]
    [InlineData("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}""", "Bookmark 9 /")]
    [InlineData("""{"type":"NEW-KIND","object":{"metadata":{"resourceVersion":"9"}}}""", "Unknown 9 /")]
    public void Events_are_read_in_any_order_of_fields(string json, string expected)
    {
        var objects = new ObjectReader(ClusterResource.Service, ClusterFields.None);
        WatchEvent happened = WatchReader.Read(Encoding.UTF8.GetBytes(json), objects, out _, out _);
        Assert.Equal(expected, $"{happened} {objects.Version} {RecordingSink.Text(objects.Namespace)}/{RecordingSink.Text(objects.Name)}");
    }

    [Theory]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""")]
    [InlineData("""{"object":{"code":410,"message":"too old","details":{"retryAfterSeconds":3}},"type":"ERROR"}""")]
    public void Errors_in_a_watch_are_errors(string json)
    {
        ApiFailure e = Assert.Throws<ApiFailure>(() => WatchReader.Read(Encoding.UTF8.GetBytes(json), new ObjectReader(ClusterResource.Service, ClusterFields.None), out _, out _));
        Assert.True(e.IsGone);
        Assert.Equal("too old", e.Message);
    }

    private static byte[] Bytes(System.Text.Json.Nodes.JsonObject o) => Encoding.UTF8.GetBytes(o.ToJsonString());

    private static byte[] Spoil(byte[] json, int at, byte octet, int kind) => kind switch
    {
        0 => [.. json[..at], octet, .. json[(at + 1)..]],
        1 => [.. json[..at], octet, .. json[at..]],
        2 => [.. json[..at], .. json[(at + 1)..]],
        _ => [.. json[..at], .. json[(at / 2)..]],
    };

    private static bool Read(int seed, byte[] json)
    {
        try
        {
            ReadOne(Seeds[seed].Resource, json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }

        return true;
    }

    private static ClusterBuildOutcome ReadOne(ClusterResource resource, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return new ObjectReader(resource, ClusterFields.EndpointPodNames | ClusterFields.EndpointZones | ClusterFields.HostNameAnnotations | ClusterFields.PodLabels).Read(ref reader, out _);
    }

    private sealed class DrippingStream(byte[] octets, int size) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
