using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Messages;

/// <summary>Writes a message into a span. Not fitting is <c>false</c>, never an exception, and leaves the message as it was.</summary>
public ref struct DnsWriter
{
    private readonly Span<byte> _destination;
    private readonly ref NameCompressor _names;

    /// <summary>Starts an empty message.</summary>
    /// <param name="destination">Where the message goes; its length is the limit.</param>
    /// <param name="names">The compression table; its <see cref="NameCompressor.Count"/> is set to zero.</param>
    public DnsWriter(Span<byte> destination, ref NameCompressor names)
    {
        _destination = destination;
        _names = ref names;
        _names.Count = 0;
        Length = 0;
        Reserved = 0;
    }

    /// <summary>The octets written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Octets at the end kept free for what must still follow (OPT, TSIG).</summary>
    public int Reserved { get; set; }

    /// <summary>The octets still free, the reserved ones not counted.</summary>
    public readonly int Free => _destination.Length - Length - Reserved;

    /// <summary>What is written so far; header fields may be patched in it.</summary>
    public readonly Span<byte> Written => _destination[..Length];

    /// <summary>Notes the present place.</summary>
    public readonly WriterMark Mark() => new(Length, _names.Count);

    /// <summary>Goes back to a place, forgetting octets and names written since.</summary>
    public void Rollback(WriterMark mark)
    {
        Length = mark.Length;
        _names.Count = mark.Names;
    }

    /// <summary>Writes octets as they are.</summary>
    public bool TryWrite(scoped ReadOnlySpan<byte> octets)
    {
        if (octets.Length > Free)
        {
            return false;
        }

        octets.CopyTo(_destination[Length..]);
        Length += octets.Length;
        return true;
    }

    /// <summary>Writes a 16-bit number.</summary>
    public bool TryWriteUInt16(ushort value)
    {
        if (Free < 2)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_destination[Length..], value);
        Length += 2;
        return true;
    }

    /// <summary>Writes the question as it was asked, case included, and remembers its name for compression.</summary>
    /// <param name="question">The question's octets: uncompressed name, type and class.</param>
    public bool TryWriteQuestion(scoped ReadOnlySpan<byte> question)
    {
        int start = Length;
        if (!TryWrite(question))
        {
            return false;
        }

        var name = new DnsNameView(question[..^4]);
        for (int at = 0; !name.IsRoot; name = name.Parent)
        {
            _names.Add((uint)name.Hash, start + at);
            at += name.Wire[0] + 1;
        }

        return true;
    }

    /// <summary>Writes a name.</summary>
    /// <param name="name">The name, uncompressed.</param>
    /// <param name="compress">Whether it may point to a name written before; later names may point to it in any case.</param>
    /// <param name="keepsCase">Whether the name it points to has to be in the same case.</param>
    public bool TryWriteName(scoped DnsNameView name, bool compress, bool keepsCase = false)
    {
        WriterMark mark = Mark();
        while (!name.IsRoot)
        {
            uint hash = (uint)name.Hash;
            if (compress && TryFind(name, hash, keepsCase, out int target))
            {
                if (TryWriteUInt16((ushort)(0xC000 | target)))
                {
                    return true;
                }

                Rollback(mark);
                return false;
            }

            int start = Length;
            if (!TryWrite(name.Wire[..(name.Wire[0] + 1)]))
            {
                Rollback(mark);
                return false;
            }

            _names.Add(hash, start);
            name = name.Parent;
        }

        if (Free < 1)
        {
            Rollback(mark);
            return false;
        }

        _destination[Length++] = 0;
        return true;
    }

    /// <summary>Writes one record.</summary>
    /// <param name="owner">The owner name.</param>
    /// <param name="type">The type.</param>
    /// <param name="class">The class.</param>
    /// <param name="ttl">The time to live in seconds.</param>
    /// <param name="rdata">The rdata with its names uncompressed; those that may be (RFC 3597 §4) are compressed here.</param>
    /// <param name="keepsCase">Whether the owner is written in its own case, not in that of an equal name written before.</param>
    public bool TryWriteRecord(scoped DnsNameView owner, DnsRecordType type, DnsRecordClass @class, uint ttl, scoped ReadOnlySpan<byte> rdata, bool keepsCase = false)
    {
        WriterMark mark = Mark();
        if (!TryWriteName(owner, compress: true, keepsCase) || Free < 10)
        {
            Rollback(mark);
            return false;
        }

        Span<byte> at = _destination[Length..];
        BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)@class);
        BinaryPrimitives.WriteUInt32BigEndian(at[4..], ttl);
        Length += 10;
        int start = Length;
        if (!TryWriteRdata(type, rdata) || Length - start > ushort.MaxValue)
        {
            Rollback(mark);
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(at[8..], (ushort)(Length - start));
        return true;
    }

    /// <summary>Writes an OPT record (RFC 6891 §6.1).</summary>
    /// <remarks>The lower four bits of the response code stand in the header and are not written here.</remarks>
    /// <param name="udpPayloadSize">The largest UDP payload, in octets, that the sender takes.</param>
    /// <param name="code">The response code; its upper bits go here.</param>
    /// <param name="dnssecOk">The DO bit.</param>
    /// <param name="options">The options, of <see cref="EdnsOptionsWriter"/>, or none.</param>
    public bool TryWriteOpt(ushort udpPayloadSize, DnsResponseCode code, bool dnssecOk, scoped ReadOnlySpan<byte> options)
    {
        uint ttl = ((uint)code >> 4 << 24) | (dnssecOk ? 0x8000u : 0);
        return TryWriteRecord(DnsName.Root.View, DnsRecordType.OPT, (DnsRecordClass)udpPayloadSize, ttl, options);
    }

    /// <summary>Writes a whole RRset, or nothing of it.</summary>
    /// <param name="records">The RRset.</param>
    /// <param name="owner">The owner to write, which differs from the RRset's own for a wildcard's expansion.</param>
    /// <param name="ttl">The time to live to write, in seconds.</param>
    /// <param name="order">The order of the records; as the RRset keeps them by default.</param>
    public bool TryWriteRRset(in RRsetView records, scoped DnsNameView owner, uint ttl, RRsetOrder order = default)
    {
        if (!order.IsAsKept && records.Count <= RRsetOrder.MaxCount)
        {
            return TryWriteOrdered(records, owner, ttl, order);
        }

        WriterMark mark = Mark();
        int first = Length;
        if (!records.HasCompressibleNames && IsQuestionName(owner))
        {
            if (!TryWrite(records.Body))
            {
                return false;
            }

            if (ttl != records.Ttl)
            {
                SetTtls(_destination[first..Length], ttl);
            }

            return true;
        }

        foreach (ReadOnlySpan<byte> rdata in records)
        {
            if (!TryWriteRecord(owner, records.Type, records.Class, ttl, rdata))
            {
                Rollback(mark);
                return false;
            }
        }

        return true;
    }

    private bool TryWriteOrdered(in RRsetView records, scoped DnsNameView owner, uint ttl, RRsetOrder order)
    {
        ReadOnlySpan<byte> body = records.Body;
        Span<int> starts = stackalloc int[RRsetOrder.MaxCount + 1];
        for (int i = 0; i < records.Count; i++)
        {
            starts[i + 1] = starts[i] + RRset.RecordOverhead + BinaryPrimitives.ReadUInt16BigEndian(body[(starts[i] + 10)..]);
        }

        WriterMark mark = Mark();
        bool copies = !records.HasCompressibleNames && IsQuestionName(owner);
        for (int i = 0; i < records.Count; i++)
        {
            ReadOnlySpan<byte> record = body[starts[order[i]]..starts[order[i] + 1]];
            bool fits = copies ? TryWrite(record) : TryWriteRecord(owner, records.Type, records.Class, ttl, record[RRset.RecordOverhead..]);
            if (!fits)
            {
                Rollback(mark);
                return false;
            }
        }

        if (copies && ttl != records.Ttl)
        {
            SetTtls(_destination[mark.Length..Length], ttl);
        }

        return true;
    }

    private static void SetTtls(Span<byte> body, uint ttl)
    {
        while (!body.IsEmpty)
        {
            BinaryPrimitives.WriteUInt32BigEndian(body[6..], ttl);
            body = body[(RRset.RecordOverhead + BinaryPrimitives.ReadUInt16BigEndian(body[10..]))..];
        }
    }

    /// <summary>True when the name is the one that stands at offset 12.</summary>
    private readonly bool IsQuestionName(scoped DnsNameView name) =>
        _names.Count > 0
        && _names.OffsetAt(0) == DnsHeader.Size
        && Length >= DnsHeader.Size + name.Length
        && DnsNameView.EqualsIgnoringCase(_destination.Slice(DnsHeader.Size, name.Length), name.Wire);

    private bool TryWriteRdata(DnsRecordType type, scoped ReadOnlySpan<byte> rdata)
    {
        RdataDescriptor descriptor = RdataDescriptor.For(type);
        if (descriptor.CompressibleNames == 0 || rdata.Length <= descriptor.LeadingOctets)
        {
            return TryWrite(rdata);
        }

        if (!TryWrite(rdata[..descriptor.LeadingOctets]))
        {
            return false;
        }

        rdata = rdata[descriptor.LeadingOctets..];
        for (int i = 0; i < descriptor.CompressibleNames; i++)
        {
            if (!DnsNameView.TryRead(rdata, out DnsNameView name))
            {
                break;
            }

            if (!TryWriteName(name, compress: true))
            {
                return false;
            }

            rdata = rdata[name.Length..];
        }

        return TryWrite(rdata);
    }

    private readonly bool TryFind(scoped DnsNameView name, uint hash, bool keepsCase, out int target)
    {
        for (int i = 0; i < _names.Count; i++)
        {
            if (_names.HashAt(i) == hash && Stands(name, _names.OffsetAt(i), keepsCase))
            {
                target = _names.OffsetAt(i);
                return true;
            }
        }

        target = 0;
        return false;
    }

    /// <summary>Compares a name with the one written at an offset, pointers followed. We wrote it, so it is well-formed.</summary>
    private readonly bool Stands(scoped DnsNameView name, int at, bool keepsCase)
    {
        ReadOnlySpan<byte> wire = name.Wire;
        while (true)
        {
            int octet = _destination[at];
            if (octet >= 0xC0)
            {
                at = ((octet & 0x3F) << 8) | _destination[at + 1];
                continue;
            }

            ReadOnlySpan<byte> label = wire[..Math.Min(octet + 1, wire.Length)];
            ReadOnlySpan<byte> there = _destination.Slice(at, octet + 1);
            if (keepsCase ? !there.SequenceEqual(label) : !DnsNameView.EqualsIgnoringCase(there, label))
            {
                return false;
            }

            if (octet == 0)
            {
                return true;
            }

            at += octet + 1;
            wire = wire[(octet + 1)..];
        }
    }
}
