using System.Buffers;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>Writes records as a zone file has them: one a line, absolute names, time to live and class always there.</summary>
/// <remarks>What it writes, <see cref="ZoneFileReader"/> reads back to the same octets, unless rdata is malformed or of a type
/// for messages only.</remarks>
public sealed class ZoneFileWriter(IBufferWriter<byte> output)
{
    /// <summary>Writes a record and the line's end.</summary>
    /// <param name="owner">The owner name.</param>
    /// <param name="ttl">The time to live, in seconds.</param>
    /// <param name="class">The class.</param>
    /// <param name="type">The type.</param>
    /// <param name="rdata">The rdata, names uncompressed.</param>
    public void Write(DnsNameView owner, uint ttl, DnsRecordClass @class, DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        int size = DnsNameText.MaxChars + 128 + (rdata.Length * 2);
        while (true)
        {
            Span<byte> line = output.GetSpan(size);
            if (TryFormat(owner, ttl, @class, type, rdata, line[..^1], out int written))
            {
                line[written] = (byte)'\n';
                output.Advance(written + 1);
                return;
            }

            size = line.Length * 2;
        }
    }

    /// <summary>Writes all records of an RRset.</summary>
    public void Write(in RRsetView records)
    {
        foreach (ReadOnlySpan<byte> rdata in records)
        {
            Write(records.Owner, records.Ttl, records.Class, records.Type, rdata);
        }
    }

    /// <summary>Writes a record into a span, as <c>owner TTL class type rdata</c> divided by tabs, without the line's end.</summary>
    /// <param name="owner">The owner name.</param>
    /// <param name="ttl">The time to live, in seconds.</param>
    /// <param name="class">The class.</param>
    /// <param name="type">The type.</param>
    /// <param name="rdata">The rdata, names uncompressed.</param>
    /// <param name="destination">Takes the text.</param>
    /// <param name="written">The octets written.</param>
    /// <returns>False when the text does not fit.</returns>
    public static bool TryFormat(DnsNameView owner, uint ttl, DnsRecordClass @class, DnsRecordType type, ReadOnlySpan<byte> rdata, Span<byte> destination, out int written)
    {
        written = 0;
        var text = new PresentationWriter(destination);
        text.AppendName(owner);
        text.Append((byte)'\t');
        text.AppendNumber(ttl);
        text.Append((byte)'\t');
        if (text.Overflowed || !DnsClassText.TryFormat(@class, destination[text.Length..], out int octets))
        {
            return false;
        }

        text.Length += octets;
        text.Append((byte)'\t');
        text.AppendMnemonic(DnsTypeText.Table, (ushort)type);
        text.Append((byte)'\t');
        if (text.Overflowed || !RdataText.TryFormat(type, rdata, destination[text.Length..], out octets))
        {
            return false;
        }

        written = text.Length + octets;
        return true;
    }
}
