using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>An entry of a node's directory: an RRset, the signatures over it, and the nodes of its targets.</summary>
internal readonly struct NodeRRset
{
    private readonly byte[] _octets;
    private readonly int _name;
    private readonly int _entry;
    private readonly int _body;

    public NodeRRset(byte[] octets, int name, int entry, int body)
    {
        _octets = octets;
        _name = name;
        _entry = entry;
        _body = body;
    }

    /// <summary>The type.</summary>
    public DnsRecordType Type => (DnsRecordType)ZoneNode.ReadShort(_octets, _entry);

    /// <summary>How many records there are; 0 when there are only signatures.</summary>
    public int RecordCount => ZoneNode.ReadShort(_octets, _entry + 2);

    /// <summary>How many signatures there are.</summary>
    public int SignatureCount => ZoneNode.ReadShort(_octets, _entry + 12);

    /// <summary>How many targets are names of the zone, or could be.</summary>
    public int LinkCount => ZoneNode.ReadShort(_octets, _entry + 14);

    /// <summary>The RRset.</summary>
    public RRsetView Records => new(_octets, _name + 1, _octets[_name], _body, Length, RecordCount);

    /// <summary>The RRSIG records over it.</summary>
    public RRsetView Signatures => new(_octets, _name + 1, _octets[_name], _body + Length, SignatureLength, SignatureCount);

    /// <summary>Where the next entry's records stand.</summary>
    internal int End => LinksAt + (LinkCount * sizeof(int));

    private int Length => ZoneNode.ReadInt(_octets, _entry + 4);

    private int SignatureLength => ZoneNode.ReadInt(_octets, _entry + 8);

    private int LinksAt => _body + ZoneNode.Padded(Length + SignatureLength);

    /// <summary>The id of a target's node, which may be a phantom.</summary>
    public int Link(int index) => ZoneNode.ReadInt(_octets, LinksAt + (index * sizeof(int)));
}
