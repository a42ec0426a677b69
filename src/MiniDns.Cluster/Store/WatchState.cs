using System.Text;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Store;

/// <summary>What is known of a watch: the list that is being read or was read last, and whether one has been read.</summary>
/// <remarks>For the store's writer.</remarks>
internal sealed class WatchState(ClusterWatch watch)
{
    private readonly byte[]? _namespace = watch.Namespace is null ? null : Encoding.UTF8.GetBytes(watch.Namespace);

    /// <summary>The watch.</summary>
    public ClusterWatch Watch => watch;

    /// <summary>The number of the list.</summary>
    public uint List { get; set; }

    /// <summary>True once a list has been read to its end.</summary>
    public bool IsSynchronised { get; set; }

    /// <summary>True when the watch shows an object.</summary>
    public bool Covers(ClusterObject item) => item.Resource == watch.Resource
        && (_namespace is null || (item.Resource == ClusterResource.Namespace ? item.Name : item.Namespace).SequenceEqual(_namespace));
}
