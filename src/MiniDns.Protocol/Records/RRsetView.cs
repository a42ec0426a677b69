using System.Buffers.Binary;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Records;

/// <summary>An RRset seen through octets that somebody else owns and never changes: a zone's memory, an <see cref="RRset"/>.</summary>
/// <remarks>
/// It is a handful of offsets, so a store can keep millions of RRsets in a few arrays and hand them out without an object
/// each. The body is what <see cref="RRset.Body"/> describes.
/// </remarks>
public readonly struct RRsetView
{
    private readonly byte[] _octets;
    private readonly int _owner;
    private readonly int _body;
    private readonly int _bodyLength;
    private readonly ushort _count;
    private readonly byte _ownerLength;

    /// <summary>Sees an RRset in octets.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="owner">Where the owner name stands, uncompressed.</param>
    /// <param name="ownerLength">The owner name's length in octets.</param>
    /// <param name="body">Where the records stand, in the form of <see cref="RRset.Body"/>.</param>
    /// <param name="bodyLength">The length of all records in octets, more than 0.</param>
    /// <param name="count">How many records there are.</param>
    public RRsetView(byte[] octets, int owner, int ownerLength, int body, int bodyLength, int count)
    {
        _octets = octets;
        _owner = owner;
        _ownerLength = (byte)ownerLength;
        _body = body;
        _bodyLength = bodyLength;
        _count = (ushort)count;
    }

    /// <summary>The owner name.</summary>
    public DnsNameView Owner => new(_octets.AsSpan(_owner, _ownerLength));

    /// <summary>The type.</summary>
    public DnsRecordType Type => (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(_body + 2));

    /// <summary>The class.</summary>
    public DnsRecordClass Class => (DnsRecordClass)BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(_body + 4));

    /// <summary>The time to live, in seconds.</summary>
    public uint Ttl => BinaryPrimitives.ReadUInt32BigEndian(_octets.AsSpan(_body + 6));

    /// <summary>How many records.</summary>
    public int Count => _count;

    /// <summary>True when the rdata holds names that are compressed on the wire.</summary>
    public bool HasCompressibleNames => RdataDescriptor.For(Type).CompressibleNames > 0;

    /// <summary>All records as they stand after a question for <see cref="Owner"/>.</summary>
    public ReadOnlySpan<byte> Body => _octets.AsSpan(_body, _bodyLength);

    /// <summary>The rdata of the first record.</summary>
    public ReadOnlySpan<byte> First => _octets.AsSpan(_body + RRset.RecordOverhead, BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(_body + 10)));

    /// <summary>Goes through the rdata of each record.</summary>
    public RRset.Enumerator GetEnumerator() => new(Body);

    /// <summary>Copies the RRset into an object of its own.</summary>
    public RRset ToRRset() => RRset.FromView(this);
}
