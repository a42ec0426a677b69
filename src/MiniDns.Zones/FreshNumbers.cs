using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>The numbers of a zone that is built from nothing: those of its builder.</summary>
internal sealed class FreshNumbers(NameIndex names) : INodeNumbers
{
    /// <summary>How many phantoms there are.</summary>
    public int PhantomCount { get; private set; }

    /// <inheritdoc/>
    public int IdOf(int node) => node;

    /// <inheritdoc/>
    public DnsNameView NameOf(int node) => names.NameAt(node);

    /// <inheritdoc/>
    public int WildcardOf(int node) => names[node].Wildcard;

    /// <inheritdoc/>
    public int ChildrenOf(int node) => names[node].Children;

    /// <inheritdoc/>
    public int LinkTo(DnsNameView target)
    {
        ulong hash = target.Hash;
        int node = names.Find(target, hash);
        if (node < 0)
        {
            PhantomCount++;
            node = names.Add(target, hash, parent: -1, NodeTraits.Phantom);
        }

        return node;
    }
}
