using System.Net;
using MiniDns.Queries;

namespace MiniDns.Plugins.Acl;

/// <summary>A set of networks: the addresses of each family as sorted ranges that do not touch, looked up by halving.</summary>
/// <remarks>A thousand networks take eight (IPv4) or 32 (IPv6) octets each and ten comparisons, less than the nodes of any tree. An
/// IPv6 network of IPv4-mapped addresses stands for the IPv4 network, as clients' addresses do.</remarks>
internal sealed class AddressSet
{
    private readonly uint[] _starts4;
    private readonly uint[] _ends4;
    private readonly UInt128[] _starts6;
    private readonly UInt128[] _ends6;

    /// <summary>Makes a set.</summary>
    /// <param name="networks">The networks; they may overlap.</param>
    public AddressSet(IEnumerable<IPNetwork> networks)
    {
        List<(UInt128 Start, UInt128 End)> v4 = [];
        List<(UInt128 Start, UInt128 End)> v6 = [];
        foreach (IPNetwork network in networks)
        {
            byte[] octets = network.BaseAddress.GetAddressBytes();
            var address = new ClientAddress(octets, 0);
            int length = octets.Length == 16 && !address.IsIPv6 ? network.PrefixLength - 96 : network.PrefixLength;
            int bits = address.IsIPv6 ? 128 : 32;
            if (length < 0)
            {
                // ::ffff:0:0 with a shorter prefix: IPv6, whatever the base address looks like.
                UInt128 whole = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(octets);
                v6.Add((whole, whole | Low(128 - network.PrefixLength)));
                continue;
            }

            (address.IsIPv6 ? v6 : v4).Add((address.Bits, address.Bits | Low(bits - length)));
        }

        List<(UInt128 Start, UInt128 End)> merged4 = Merge(v4);
        List<(UInt128 Start, UInt128 End)> merged6 = Merge(v6);
        _starts4 = [.. merged4.Select(r => (uint)r.Start)];
        _ends4 = [.. merged4.Select(r => (uint)r.End)];
        _starts6 = [.. merged6.Select(r => r.Start)];
        _ends6 = [.. merged6.Select(r => r.End)];
    }

    /// <summary>How many ranges are kept.</summary>
    public int RangeCount => _starts4.Length + _starts6.Length;

    /// <summary>True when an address is in one of the networks.</summary>
    public bool Contains(in ClientAddress client) =>
        client.IsIPv6 ? Contains(_starts6, _ends6, client.Bits) : Contains(_starts4, _ends4, (uint)client.Bits);

    private static bool Contains<T>(T[] starts, T[] ends, T address)
        where T : IComparable<T>
    {
        int low = 0;
        int high = starts.Length;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (starts[middle].CompareTo(address) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && ends[low - 1].CompareTo(address) >= 0;
    }

    private static UInt128 Low(int bits) => bits >= 128 ? UInt128.MaxValue : (UInt128.One << bits) - 1;

    private static List<(UInt128 Start, UInt128 End)> Merge(List<(UInt128 Start, UInt128 End)> ranges)
    {
        ranges.Sort();
        List<(UInt128 Start, UInt128 End)> merged = [];
        foreach ((UInt128 start, UInt128 end) in ranges)
        {
            if (merged.Count > 0 && (start <= merged[^1].End || start - 1 == merged[^1].End))
            {
                merged[^1] = (merged[^1].Start, UInt128.Max(merged[^1].End, end));
            }
            else
            {
                merged.Add((start, end));
            }
        }

        return merged;
    }
}
