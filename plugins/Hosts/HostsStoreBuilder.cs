using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Hosts;

/// <summary>Collects entries and makes a <see cref="HostsStore"/> of them. Used once.</summary>
internal sealed class HostsStoreBuilder(HostsOptions options)
{
    /// <summary>The most addresses of one family that a name keeps; a message cannot hold many more.</summary>
    public const int MaxAddresses = 2048;

    /// <summary>The most octets that the PTR records of one address take: what fits into a message with room to spare.</summary>
    public const int MaxReverseOctets = 60_000;

    private const int RootV4 = 0;
    private const int RootV6 = -1;

    private readonly DnsName[] _zones = [.. options.Zones];

    // An address set is a path in a tree: its last address and the set without it. Names with the same addresses in the
    // same order end at the same node, so that a set is made once however many names have it.
    private readonly List<AddressNode> _nodes = [default];
    private readonly Dictionary<(int Parent, UInt128 Bits), int> _children = [];
    private readonly Dictionary<DnsName, HostAddresses> _names = [];
    private readonly Dictionary<ClientAddress, ReverseNames> _reverse = [];
    private bool _hasWildcards;
    private long _entries;

    /// <summary>Adds an address to a name; names outside the zones and pairs that are there already are left out.</summary>
    /// <param name="address">The address.</param>
    /// <param name="name">The name, in lower case.</param>
    /// <returns>False when the name has too many addresses.</returns>
    public bool Add(ClientAddress address, DnsName name)
    {
        if (!IsServed(name))
        {
            return true;
        }

        ref HostAddresses known = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, name, out _);
        int set = address.IsIPv6 ? known.V6 : known.V4;
        for (int node = set; node > 0; node = _nodes[node].Parent)
        {
            if (_nodes[node].Bits == address.Bits)
            {
                return true;
            }
        }

        if (_nodes[set].Depth >= MaxAddresses)
        {
            return false;
        }

        set = Extend(set, address);
        known = address.IsIPv6 ? known with { V6 = set } : known with { V4 = set };
        _entries++;
        if (name.IsWildcard)
        {
            _hasWildcards = true;
        }
        else if (options.Reverse)
        {
            AddReverse(address, name);
        }

        return true;
    }

    /// <summary>Makes the store.</summary>
    public HostsStore Build()
    {
        var sets = new RRset?[_nodes.Count];
        foreach (HostAddresses addresses in _names.Values)
        {
            sets[addresses.V4] ??= MakeSet(addresses.V4);
            sets[addresses.V6] ??= MakeSet(addresses.V6);
        }

        var reverse = new List<KeyValuePair<DnsName, RRset>>(_reverse.Count);
        foreach ((ClientAddress address, ReverseNames names) in _reverse)
        {
            DnsName owner = ReverseName.Of(address);
            reverse.Add(new(owner, new RRset(owner, DnsRecordType.PTR, DnsRecordClass.IN, options.Ttl, names.Rdatas)));
        }

        return new HostsStore(new DnsNameTable<HostAddresses>(_names), new DnsNameTable<RRset>(reverse), sets, _hasWildcards, _entries);
    }

    private bool IsServed(DnsName name)
    {
        foreach (DnsName zone in _zones)
        {
            if (name.IsSubdomainOf(zone))
            {
                return true;
            }
        }

        return false;
    }

    private int Extend(int set, ClientAddress address)
    {
        int parent = set != 0 ? set : address.IsIPv6 ? RootV6 : RootV4;
        ref int child = ref CollectionsMarshal.GetValueRefOrAddDefault(_children, (parent, address.Bits), out bool exists);
        if (!exists)
        {
            child = _nodes.Count;
            _nodes.Add(new AddressNode(set, address.Bits, address.IsIPv6, _nodes[set].Depth + 1));
        }

        return child;
    }

    private void AddReverse(ClientAddress address, DnsName name)
    {
        _entries++;
        ref ReverseNames? names = ref CollectionsMarshal.GetValueRefOrAddDefault(_reverse, address, out _);
        names ??= new ReverseNames();
        int octets = names.Octets + RRset.RecordOverhead + name.Length;
        if (octets <= MaxReverseOctets)
        {
            names.Octets = octets;
            names.Rdatas.Add(name.Wire.ToArray());
        }
    }

    private RRset? MakeSet(int node)
    {
        if (node == 0)
        {
            return null;
        }

        bool v6 = _nodes[node].IsIPv6;
        var rdatas = new ReadOnlyMemory<byte>[_nodes[node].Depth];
        for (int at = node; at > 0; at = _nodes[at].Parent)
        {
            byte[] rdata = new byte[v6 ? 16 : 4];
            if (v6)
            {
                BinaryPrimitives.WriteUInt128BigEndian(rdata, _nodes[at].Bits);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(rdata, (uint)_nodes[at].Bits);
            }

            rdatas[_nodes[at].Depth - 1] = rdata;
        }

        return new RRset(DnsName.Root, v6 ? DnsRecordType.AAAA : DnsRecordType.A, DnsRecordClass.IN, options.Ttl, rdatas);
    }

    private readonly record struct AddressNode(int Parent, UInt128 Bits, bool IsIPv6, int Depth);

    private sealed class ReverseNames
    {
        public List<ReadOnlyMemory<byte>> Rdatas { get; } = new(1);

        public int Octets { get; set; }
    }
}
