using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>The weights of addresses, by name. Immutable.</summary>
internal sealed class WeightTable(DnsNameTable<HostWeight[]> hosts)
{
    /// <summary>The weight of an address of which the file says nothing.</summary>
    public const byte DefaultWeight = 1;

    /// <summary>A table without names.</summary>
    public static WeightTable Empty { get; } = new(DnsNameTable<HostWeight[]>.Empty);

    /// <summary>How many names have weights.</summary>
    public int Count => hosts.Count;

    /// <summary>The weights of a name's addresses; empty when the file does not have the name.</summary>
    public ReadOnlySpan<HostWeight> Of(DnsNameView name) => hosts.TryGet(name, out HostWeight[]? weights) ? weights : default;

    /// <summary>The weight of an address.</summary>
    public static byte Find(ReadOnlySpan<HostWeight> weights, in ClientAddress address)
    {
        foreach (ref readonly HostWeight weight in weights)
        {
            if (weight.Address == address)
            {
                return weight.Weight;
            }
        }

        return DefaultWeight;
    }
}
