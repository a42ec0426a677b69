using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Records;

/// <summary>Rdata between its compressed form inside a message and the uncompressed form everything else works with.</summary>
/// <remarks>No method throws or allocates, whatever the octets are.</remarks>
public static class RdataWire
{
    /// <summary>The longest rdata, in octets (RFC 1035 §4.1.3: a 16-bit length).</summary>
    public const int MaxLength = ushort.MaxValue;

    /// <summary>Copies a record's rdata out of a message, expanding the names that may be compressed there.</summary>
    /// <remarks>
    /// Names of the types of RFC 1035 are expanded and so are, as RFC 3597 §4 asks, those of RP, AFSDB, RT, SIG, PX, NXT, NAPTR
    /// and SRV; in other types a compressed name makes the rdata malformed.
    /// </remarks>
    /// <param name="message">The whole message.</param>
    /// <param name="record">The record.</param>
    /// <param name="destination">Takes the rdata; 65,535 octets are always enough.</param>
    /// <param name="length">The octets written.</param>
    /// <returns>False when the rdata does not have its type's form or does not fit.</returns>
    public static bool TryExpand(ReadOnlySpan<byte> message, in DnsRecordView record, Span<byte> destination, out int length)
    {
        RdataDescriptor descriptor = RdataDescriptor.For(record.Type);
        ReadOnlySpan<byte> rdata = message.Slice(record.RdataOffset, record.RdataLength);
        if (!descriptor.HasExpandableNames)
        {
            length = rdata.Length;
            return IsWellFormed(descriptor, rdata) && rdata.TryCopyTo(destination);
        }

        length = 0;
        if (destination.Length > MaxLength)
        {
            destination = destination[..MaxLength];
        }

        var reader = new DnsReader(message[..record.End], record.RdataOffset);
        foreach (RdataField field in descriptor.Fields)
        {
            if (field.IsExpandable)
            {
                if (!reader.TryReadName(destination[length..], out int name))
                {
                    return false;
                }

                length += name;
                continue;
            }

            int at = reader.Position - record.RdataOffset;
            int octets = RdataMeasure.Measure(field, rdata, at);
            if (octets < 0 || !rdata.Slice(at, octets).TryCopyTo(destination[length..]))
            {
                return false;
            }

            length += octets;
            reader.Position += octets;
        }

        return reader.Position == record.End;
    }

    /// <summary>True when uncompressed rdata has the form of its type; anything does for a type without one.</summary>
    public static bool IsWellFormed(DnsRecordType type, ReadOnlySpan<byte> rdata) =>
        rdata.Length <= MaxLength && IsWellFormed(RdataDescriptor.For(type), rdata);

    /// <summary>Writes the canonical form of rdata (RFC 4034 §6.2, RFC 6840 §5.1): its names uncompressed, those of the older types in lower case.</summary>
    /// <param name="type">The type.</param>
    /// <param name="rdata">The rdata, names uncompressed.</param>
    /// <param name="destination">Takes as many octets as <paramref name="rdata"/> has; it may be the same octets.</param>
    /// <param name="length">The octets written.</param>
    /// <returns>False when the rdata does not have its type's form or does not fit.</returns>
    public static bool TryCanonicalize(DnsRecordType type, ReadOnlySpan<byte> rdata, Span<byte> destination, out int length)
    {
        RdataDescriptor descriptor = RdataDescriptor.For(type);
        length = 0;
        if (!IsWellFormed(type, rdata) || !rdata.TryCopyTo(destination))
        {
            return false;
        }

        length = rdata.Length;
        if (!descriptor.HasLowerNames)
        {
            return true;
        }

        destination = destination[..length];
        int at = 0;
        foreach (RdataField field in descriptor.Fields)
        {
            int octets = RdataMeasure.Measure(field, destination, at);
            if (field.IsLowered)
            {
                int name = NameOffset(field, destination[at..]);
                Span<byte> wire = destination[(at + name)..(at + octets)];
                new DnsNameView(wire).CopyLowerTo(wire);
            }

            at += octets;
        }

        return true;
    }

    /// <summary>Orders rdata of one type as RFC 4034 §6.3 does: by the octets of the canonical form, the shorter first.</summary>
    /// <param name="type">The type.</param>
    /// <param name="left">Rdata, names uncompressed.</param>
    /// <param name="right">Rdata, names uncompressed.</param>
    /// <returns>Less than, equal to or greater than zero. Malformed rdata comes last, by its octets.</returns>
    public static int CompareCanonical(DnsRecordType type, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        RdataDescriptor descriptor = RdataDescriptor.For(type);
        if (!descriptor.HasLowerNames)
        {
            return left.SequenceCompareTo(right);
        }

        // Malformed rdata sorts after all that is well-formed: mixing its octets with lower-cased names would not be an order.
        bool wellFormed = IsWellFormed(descriptor, left);
        if (wellFormed != IsWellFormed(descriptor, right))
        {
            return wellFormed ? -1 : 1;
        }

        if (!wellFormed)
        {
            return left.SequenceCompareTo(right);
        }

        int at = 0;
        foreach (RdataField field in descriptor.Fields)
        {
            int a = RdataMeasure.Measure(field, left, at);
            int b = RdataMeasure.Measure(field, right, at);
            int name = field.IsLowered ? NameOffset(field, left[at..]) : a;
            int difference = Compare(left.Slice(at, a), right.Slice(at, b), name);
            if (difference != 0)
            {
                return difference;
            }

            at += a;
        }

        return 0;
    }

    private static bool IsWellFormed(RdataDescriptor descriptor, ReadOnlySpan<byte> rdata)
    {
        int at = 0;
        foreach (RdataField field in descriptor.Fields)
        {
            int octets = RdataMeasure.Measure(field, rdata, at);
            if (octets < 0)
            {
                return false;
            }

            at += octets;
        }

        return at == rdata.Length;
    }

    /// <summary>Where the name starts in a field that holds one; the field's end when it holds none after all.</summary>
    private static int NameOffset(RdataField field, ReadOnlySpan<byte> rest)
    {
        if (field.Kind != RdataFieldKind.AddressSuffix)
        {
            return 0;
        }

        RdataMeasure.AddressSuffixLength(rest, out int nameAt);
        return nameAt;
    }

    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int lowerFrom)
    {
        int common = Math.Min(left.Length, right.Length);
        for (int i = 0; i < common; i++)
        {
            int difference = i < lowerFrom
                ? left[i] - right[i]
                : DnsNameView.ToLower(left[i]) - DnsNameView.ToLower(right[i]);
            if (difference != 0)
            {
                return difference;
            }
        }

        return left.Length - right.Length;
    }
}
