using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>What a <see cref="BlockWriter"/> has to know of the nodes around the one it writes.</summary>
internal interface INodeNumbers
{
    /// <summary>The id in the zone of a node of the builder; -1 for -1.</summary>
    int IdOf(int node);

    /// <summary>The name of a node, its case as it is to be kept.</summary>
    DnsNameView NameOf(int node);

    /// <summary>The id in the zone of a node's child <c>*</c>, or -1.</summary>
    int WildcardOf(int node);

    /// <summary>How many names are directly below a node.</summary>
    int ChildrenOf(int node);

    /// <summary>The id in the zone of a target's node; a name that is not there gets a phantom.</summary>
    int LinkTo(DnsNameView target);
}
