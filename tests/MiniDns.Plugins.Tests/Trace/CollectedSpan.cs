using System.Text.Json;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Trace;

/// <summary>One span that a collector got.</summary>
internal sealed record CollectedSpan(string Trace, string Id, string Parent, string Name, string Kind, ulong Start, ulong End, string Tags, string Error)
{
    /// <summary>The spans of a message in OTLP, by the field numbers of trace.proto.</summary>
    public static List<CollectedSpan> Read(byte[] message) =>
    [
        .. from span in new ProtoMessage(message).All(1).SelectMany(r => r.All(2)).SelectMany(s => s.All(2))
           select new CollectedSpan(
               Convert.ToHexStringLower(span.Octets(1)),
               Convert.ToHexStringLower(span.Octets(2)),
               Convert.ToHexStringLower(span.Octets(4)),
               span.Text(5),
               span.Integer(6) switch
               {
                   1 => "internal",
                   2 => "server",
                   3 => "client",
                   _ => "?",
               },
               span.Fixed(7),
               span.Fixed(8),
               string.Join(' ', span.All(9).Select(a => $"{a.Text(1)}={a.One(2).Text(1)}").Order(StringComparer.Ordinal)),
               span.Has(15) && span.One(15).Integer(3) == 2 ? span.One(15).Text(2) : ""),
    ];

    /// <summary>The spans of a message to Zipkin.</summary>
    public static List<CollectedSpan> ReadZipkin(byte[] message) =>
    [
        .. from span in JsonDocument.Parse(message).RootElement.EnumerateArray()
           let start = span.GetProperty("timestamp").GetUInt64() * 1000
           let tags = span.GetProperty("tags").EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetString(), StringComparer.Ordinal)
           select new CollectedSpan(
               span.GetProperty("traceId").GetString()!,
               span.GetProperty("id").GetString()!,
               span.TryGetProperty("parentId", out JsonElement parent) ? parent.GetString()! : "",
               span.GetProperty("name").GetString()!,
               span.TryGetProperty("kind", out JsonElement kind) ? kind.GetString()!.ToLowerInvariant() : "internal",
               start,
               start + (span.GetProperty("duration").GetUInt64() * 1000),
               string.Join(' ', tags.Where(t => t.Key != "error").Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal)),
               tags.GetValueOrDefault("error") ?? ""),
    ];

    /// <summary>The way from the first span of a trace to this one, <c>servedns/cache/forward</c>.</summary>
    public string PathIn(IReadOnlyCollection<CollectedSpan> all) =>
        Parent.Length == 0 ? Name : all.Single(s => s.Trace == Trace && s.Id == Parent).PathIn(all) + "/" + Name;
}
