using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster;

/// <summary>Something to be listed and then watched.</summary>
/// <param name="Resource">The kind of objects.</param>
/// <param name="Namespace">The only namespace to look at; null for the whole cluster. For <see cref="ClusterResource.Namespace"/> the name of the
/// only namespace to look at (<c>fieldSelector=metadata.name=…</c>); when a Role does not allow even that, it is taken to exist.</param>
/// <param name="LabelSelector">A label selector as the API reads it, not yet percent-encoded; null for all objects.</param>
/// <param name="FieldSelector">A field selector; null for all objects.</param>
/// <param name="IsOptional">True when the API server may not know the resource: then there are none, and it is asked for again from time to time.</param>
public sealed record ClusterWatch(ClusterResource Resource, string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null, bool IsOptional = false);
