using MiniDns.Protocol.Messages;

namespace MiniDns.Protocol.Records;

/// <summary>Rdata between its compressed form inside a message and the uncompressed form everything else works with.</summary>
public static class RdataWire
{
    /// <summary>Copies a record's rdata out of a message, expanding the names that may be compressed there.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="record">The record.</param>
    /// <param name="destination">Takes the rdata; 65,535 octets are always enough.</param>
    /// <param name="length">The octets written.</param>
    /// <returns>False when the rdata does not have its type's form or does not fit.</returns>
    public static bool TryExpand(ReadOnlySpan<byte> message, in DnsRecordView record, Span<byte> destination, out int length)
    {
        RdataDescriptor descriptor = RdataDescriptor.For(record.Type);
        ReadOnlySpan<byte> rdata = message.Slice(record.RdataOffset, record.RdataLength);
        length = 0;
        if (descriptor.CompressibleNames == 0)
        {
            length = rdata.Length;
            return rdata.TryCopyTo(destination);
        }

        if (rdata.Length < descriptor.LeadingOctets || !rdata[..descriptor.LeadingOctets].TryCopyTo(destination))
        {
            return false;
        }

        length = descriptor.LeadingOctets;
        var reader = new DnsReader(message[..record.End], record.RdataOffset + descriptor.LeadingOctets);
        for (int i = 0; i < descriptor.CompressibleNames; i++)
        {
            if (!reader.TryReadName(destination[length..], out int written))
            {
                return false;
            }

            length += written;
        }

        ReadOnlySpan<byte> rest = message[reader.Position..record.End];
        if (!rest.TryCopyTo(destination[length..]))
        {
            return false;
        }

        length += rest.Length;
        return true;
    }
}
