using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniDns.Testing.Kubernetes;

/// <summary>A version of an object, as it goes over the wire.</summary>
internal sealed class FakeApiObject
{
    private static readonly JsonSerializerOptions Compact = new() { WriteIndented = false };

    public FakeApiObject(JsonObject source, long version)
    {
        JsonObject o = source.DeepClone().AsObject();
        JsonObject metadata = o["metadata"]!.AsObject();
        metadata["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        metadata["uid"] ??= $"00000000-0000-0000-0000-{version:x12}";
        Version = version;
        Name = (string)metadata["name"]!;
        Namespace = (string?)metadata["namespace"] ?? "";
        Labels = metadata["labels"]?.AsObject().ToDictionary(l => l.Key, l => (string?)l.Value ?? "") ?? [];
        Phase = (string?)o["status"]?["phase"] ?? "";
        Json = JsonSerializer.SerializeToUtf8Bytes(o, Compact);
    }

    public long Version { get; }

    public string Namespace { get; }

    public string Name { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public string Phase { get; }

    public byte[] Json { get; }

    public JsonObject Parse() => JsonNode.Parse(Json)!.AsObject();
}
