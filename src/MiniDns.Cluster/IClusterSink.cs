using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster;

/// <summary>Takes what a source tells of a cluster, and serves it as it comes.</summary>
/// <remarks>
/// <para>A list is told as <see cref="BeginList"/>, <see cref="Put"/> for each object as it is decoded, <see cref="EndList"/>: objects already known
/// stay where they are, changed ones are replaced one by one, and those that the list did not show are deleted at its end. The old and the
/// new state are never held whole. A list that breaks off is simply begun again. A watch that resumes after a list goes on with
/// <see cref="Put"/> and <see cref="Delete"/>.</para>
/// <para>Safe for calls from several threads; those for one watch come one after the other. Cheap: no I/O, no waiting.</para>
/// </remarks>
public interface IClusterSink
{
    /// <summary>A full list of what <paramref name="watch"/> covers starts, or starts again.</summary>
    void BeginList(ClusterWatch watch);

    /// <summary>An object is listed, added or changed. Objects of other namespaces than the watch's are ignored.</summary>
    void Put(ClusterWatch watch, ClusterObject item);

    /// <summary>An object is gone. Unknown ones are ignored.</summary>
    /// <param name="watch">Where it was seen.</param>
    /// <param name="namespaceName">Its namespace; empty for a namespace.</param>
    /// <param name="name">Its name.</param>
    void Delete(ClusterWatch watch, ReadOnlySpan<byte> namespaceName, ReadOnlySpan<byte> name);

    /// <summary>The list is complete: objects of the watch that it did not show are deleted, and the watch is synchronised from now on.</summary>
    void EndList(ClusterWatch watch);
}
