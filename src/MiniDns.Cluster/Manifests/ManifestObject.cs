using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Manifests;

/// <summary>An object read from a manifest.</summary>
/// <param name="Item">The object.</param>
/// <param name="Labels">Its labels, for selectors.</param>
public sealed record ManifestObject(ClusterObject Item, IReadOnlyDictionary<string, string> Labels);
