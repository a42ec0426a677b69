namespace MiniDns.Plugins.Rpz;

/// <summary>Networks, each with a number. Immutable; 20 octets a network.</summary>
/// <remarks>For each prefix length that occurs there is a sorted array.</remarks>
internal sealed class PolicyNetworks
{
    private readonly Group[] _groups;       // the longest prefix first

    /// <summary>Takes networks over.</summary>
    public PolicyNetworks(IReadOnlyDictionary<PolicyNetwork, int> networks)
    {
        Count = networks.Count;
        _groups =
        [
            .. networks.GroupBy(n => n.Key.Length).OrderByDescending(g => g.Key).Select(g =>
            {
                KeyValuePair<PolicyNetwork, int>[] sorted = [.. g.OrderBy(n => n.Key.Bits)];
                return new Group(g.Key, PolicyNetwork.Mask(g.Key), [.. sorted.Select(n => n.Key.Bits)], [.. sorted.Select(n => n.Value)]);
            }),
        ];
    }

    /// <summary>How many networks there are.</summary>
    public int Count { get; }

    /// <summary>The memory taken, in octets.</summary>
    public long Octets => Count * 20L;

    /// <summary>Finds the longest network that holds an address.</summary>
    /// <param name="address">The address (<see cref="PolicyNetwork.BitsOf(ReadOnlySpan{byte})"/>).</param>
    /// <param name="network">The network.</param>
    /// <returns>Its number, or -1 when there is none.</returns>
    public int Find(UInt128 address, out PolicyNetwork network)
    {
        bool isIPv4 = address >> 32 == 0xFFFF;
        foreach (Group group in _groups)
        {
            if (isIPv4 && group.Length < 96)
            {
                break;      // networks of IPv6 addresses do not hold IPv4 addresses, not even ::/1
            }

            UInt128 bits = address & group.Mask;
            int at = group.Networks.AsSpan().BinarySearch(bits);
            if (at >= 0)
            {
                network = new PolicyNetwork(bits, group.Length);
                return group.Numbers[at];
            }
        }

        network = default;
        return -1;
    }

    /// <summary>Adds all networks to a dictionary.</summary>
    public void CopyTo(Dictionary<PolicyNetwork, int> networks)
    {
        foreach (Group group in _groups)
        {
            for (int i = 0; i < group.Networks.Length; i++)
            {
                networks.Add(new PolicyNetwork(group.Networks[i], group.Length), group.Numbers[i]);
            }
        }
    }

    private sealed record Group(byte Length, UInt128 Mask, UInt128[] Networks, int[] Numbers);
}
