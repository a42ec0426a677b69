using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Security;

/// <summary>An RRset in the canonical form that is signed (RFC 4034 §6): collects records, puts them in order, drops doubles. Reused from
/// RRset to RRset; not for use by several threads.</summary>
/// <remarks><see cref="Begin"/>, <see cref="TryAdd"/> for each record, <see cref="Complete"/>.</remarks>
public sealed class CanonicalRRset : IComparer<Range>
{
    /// <summary>The most octets of all rdata together.</summary>
    public const int MaxLength = 128 * 1024;

    private const int FixedLength = 9;          // type, class, labels, original TTL
    private const int KeptMemory = 16 * 1024;

    private byte[] _octets = new byte[1024];    // signer, owner, fixed fields, then each record: length, rdata
    private byte[] _ordered = [];
    private Range[] _records = new Range[8];
    private int _count;
    private int _signerLength;
    private int _ownerLength;
    private int _length;
    private bool _isOrdered;

    /// <summary>Everything that a signature depends on but its key and its times, as octets: two RRsets are alike when these are.</summary>
    public ReadOnlySpan<byte> Octets => _octets.AsSpan(0, _length);

    /// <summary>How many records there are; after <see cref="Complete"/>, without doubles.</summary>
    public int Count => _count;

    /// <summary>The type.</summary>
    public DnsRecordType Type => (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(Fixed);

    /// <summary>The zone that signs, in lower case.</summary>
    public ReadOnlySpan<byte> Signer => _octets.AsSpan(0, _signerLength);

    /// <summary>The owner name, in lower case.</summary>
    public ReadOnlySpan<byte> Owner => _octets.AsSpan(_signerLength, _ownerLength);

    /// <summary>Type and class.</summary>
    internal ReadOnlySpan<byte> TypeAndClass => Fixed[..4];

    /// <summary>The labels of the owner, a leading asterisk and the root not counted (RFC 4034 §3.1.3).</summary>
    internal byte Labels => Fixed[4];

    /// <summary>The original TTL in seconds.</summary>
    internal ReadOnlySpan<byte> OriginalTtl => Fixed.Slice(5, 4);

    /// <summary>The records in order, each its rdata's length in two octets and its rdata.</summary>
    internal ReadOnlySpan<byte> Records => _octets.AsSpan(HeadLength, _length - HeadLength);

    private int HeadLength => _signerLength + _ownerLength + FixedLength;

    private ReadOnlySpan<byte> Fixed => _octets.AsSpan(_signerLength + _ownerLength, FixedLength);

    /// <summary>Starts with another RRset.</summary>
    /// <param name="signer">The zone that signs.</param>
    /// <param name="owner">The owner name as it is sent: a wildcard's expansion is signed as a name of its own.</param>
    /// <param name="type">The type.</param>
    /// <param name="class">The class.</param>
    /// <param name="originalTtl">The TTL that is signed, in seconds (RFC 4034 §3.1.4).</param>
    public void Begin(DnsNameView signer, DnsNameView owner, DnsRecordType type, DnsRecordClass @class, uint originalTtl)
    {
        if (_octets.Length > KeptMemory)
        {
            _octets = new byte[1024];
            _ordered = [];
            _records = new Range[8];
        }

        signer.CopyLowerTo(_octets);
        owner.CopyLowerTo(_octets.AsSpan(signer.Length));
        _signerLength = signer.Length;
        _ownerLength = owner.Length;
        Span<byte> at = _octets.AsSpan(_signerLength + _ownerLength);
        BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)@class);
        at[4] = (byte)(owner.LabelCount - (owner.IsWildcard ? 1 : 0));
        BinaryPrimitives.WriteUInt32BigEndian(at[5..], originalTtl);
        _length = HeadLength;
        _count = 0;
        _isOrdered = true;
    }

    /// <summary>Adds a record.</summary>
    /// <param name="rdata">Its rdata, names uncompressed.</param>
    /// <returns>False when the rdata does not have its type's form, or there are more octets than <see cref="MaxLength"/>.</returns>
    public bool TryAdd(ReadOnlySpan<byte> rdata)
    {
        int at = _length + 2;
        int end = at + rdata.Length;
        if (end > MaxLength || rdata.Length > RdataWire.MaxLength)
        {
            return false;
        }

        if (end > _octets.Length)
        {
            Array.Resize(ref _octets, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)end));
        }

        if (!RdataWire.TryCanonicalize(Type, rdata, _octets.AsSpan(at), out _))
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_octets.AsSpan(_length), (ushort)rdata.Length);
        if (_count == _records.Length)
        {
            Array.Resize(ref _records, _count * 2);
        }

        _records[_count++] = at..end;
        _length = end;
        _isOrdered = _isOrdered && (_count == 1 || Compare(_records[_count - 2], _records[_count - 1]) < 0);
        return true;
    }

    /// <summary>Puts the records in order and drops doubles (RFC 4034 §6.3).</summary>
    public void Complete()
    {
        if (_isOrdered)
        {
            return;
        }

        Array.Sort(_records, 0, _count, this);
        if (_ordered.Length < _length)
        {
            _ordered = new byte[_octets.Length];
        }

        int length = HeadLength;
        _octets.AsSpan(0, length).CopyTo(_ordered);
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (i > 0 && Compare(_records[i - 1], _records[i]) == 0)
            {
                continue;
            }

            ReadOnlySpan<byte> record = _octets.AsSpan(_records[i].Start.Value - 2, _records[i].End.Value - _records[i].Start.Value + 2);
            record.CopyTo(_ordered.AsSpan(length));
            length += record.Length;
            kept++;
        }

        (_octets, _ordered) = (_ordered, _octets);
        (_length, _count, _isOrdered) = (length, kept, true);
    }

    /// <summary>Orders two records by the octets of their rdata, the shorter first.</summary>
    public int Compare(Range x, Range y) => _octets.AsSpan(x).SequenceCompareTo(_octets.AsSpan(y));
}
