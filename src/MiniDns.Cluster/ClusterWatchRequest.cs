using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster;

/// <summary>Everything that a source has to keep a sink informed of.</summary>
/// <param name="Watches">What to list and watch, each on its own.</param>
/// <param name="Fields">The fields to keep besides those that every answer needs.</param>
public sealed record ClusterWatchRequest(IReadOnlyList<ClusterWatch> Watches, ClusterFields Fields);
