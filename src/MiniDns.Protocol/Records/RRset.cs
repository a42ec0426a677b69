using System.Buffers.Binary;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Records;

/// <summary>The records of one owner, type and class (RFC 2181 §5): immutable, ready to be written.</summary>
/// <remarks>
/// The records are kept as they go onto the wire when the owner is the name asked for: a pointer to offset 12, type, class,
/// TTL, length, rdata with uncompressed names. An answer without names in its rdata is then one copy.
/// </remarks>
public sealed class RRset
{
    /// <summary>The octets of a record in <see cref="Body"/> before its rdata.</summary>
    public const int RecordOverhead = 12;

    private readonly byte[] _octets;         // the owner, then the records

    /// <summary>Makes an RRset.</summary>
    /// <param name="owner">The owner name.</param>
    /// <param name="type">The type.</param>
    /// <param name="class">The class.</param>
    /// <param name="ttl">The time to live, in seconds.</param>
    /// <param name="rdatas">The rdata of each record, uncompressed; at least one.</param>
    /// <exception cref="ArgumentException">There is no rdata, or one is longer than 65,535 octets.</exception>
    public RRset(DnsName owner, DnsRecordType type, DnsRecordClass @class, uint ttl, IReadOnlyList<ReadOnlyMemory<byte>> rdatas)
    {
        if (rdatas.Count == 0)
        {
            throw new ArgumentException("an RRset has at least one record", nameof(rdatas));
        }

        Owner = owner;
        Type = type;
        Class = @class;
        Ttl = ttl;
        Count = rdatas.Count;
        int length = 0;
        foreach (ReadOnlyMemory<byte> rdata in rdatas)
        {
            if (rdata.Length > ushort.MaxValue)
            {
                throw new ArgumentException("rdata is at most 65,535 octets", nameof(rdatas));
            }

            length += RecordOverhead + rdata.Length;
        }

        _octets = new byte[owner.Length + length];
        owner.Wire.CopyTo(_octets);
        Span<byte> at = _octets.AsSpan(owner.Length);
        foreach (ReadOnlyMemory<byte> rdata in rdatas)
        {
            BinaryPrimitives.WriteUInt16BigEndian(at, 0xC00C);
            BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)type);
            BinaryPrimitives.WriteUInt16BigEndian(at[4..], (ushort)@class);
            BinaryPrimitives.WriteUInt32BigEndian(at[6..], ttl);
            BinaryPrimitives.WriteUInt16BigEndian(at[10..], (ushort)rdata.Length);
            rdata.Span.CopyTo(at[RecordOverhead..]);
            at = at[(RecordOverhead + rdata.Length)..];
        }
    }

    /// <summary>The owner name.</summary>
    public DnsName Owner { get; }

    /// <summary>The type.</summary>
    public DnsRecordType Type { get; }

    /// <summary>The class.</summary>
    public DnsRecordClass Class { get; }

    /// <summary>The time to live, in seconds.</summary>
    public uint Ttl { get; }

    /// <summary>How many records.</summary>
    public int Count { get; }

    /// <summary>All records as they stand after a question for <see cref="Owner"/>.</summary>
    public ReadOnlySpan<byte> Body => _octets.AsSpan(Owner.Length);

    /// <summary>This RRset as those see it that do not mind who owns it.</summary>
    public RRsetView View => new(_octets, 0, Owner.Length, Owner.Length, _octets.Length - Owner.Length, Count);

    /// <summary>This RRset as those see it that do not mind who owns it.</summary>
    public static implicit operator RRsetView(RRset records) => records.View;

    /// <summary>Copies an RRset.</summary>
    public static RRset FromView(in RRsetView view)
    {
        List<ReadOnlyMemory<byte>> rdatas = [];
        foreach (ReadOnlySpan<byte> rdata in view)
        {
            rdatas.Add(rdata.ToArray());
        }

        return new RRset(view.Owner.ToName(), view.Type, view.Class, view.Ttl, rdatas);
    }

    /// <summary>Goes through the rdata of each record.</summary>
    public Enumerator GetEnumerator() => new(Body);

    /// <summary>Goes through the rdata of each record.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> body)
        {
            _rest = body;
            Current = default;
        }

        /// <summary>The rdata, names uncompressed.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>Moves to the next record.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[10..]);
            Current = _rest.Slice(RecordOverhead, length);
            _rest = _rest[(RecordOverhead + length)..];
            return true;
        }
    }
}
