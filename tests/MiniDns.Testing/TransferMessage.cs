using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Testing;

/// <summary>Makes the messages of a transfer.</summary>
public static class TransferMessage
{
    /// <summary>Makes a message with records in its answer section.</summary>
    /// <param name="id">The id.</param>
    /// <param name="question">The question's octets; empty for none.</param>
    /// <param name="records">The records.</param>
    /// <param name="code">The response code.</param>
    /// <param name="flags">Header flags besides QR and AA.</param>
    public static byte[] Of(ushort id, ReadOnlySpan<byte> question, IReadOnlyCollection<PrimaryRecord> records, DnsResponseCode code = DnsResponseCode.NoError, ushort flags = 0)
    {
        byte[] buffer = new byte[ushort.MaxValue];
        NameCompressor names = default;
        var writer = new DnsWriter(buffer, ref names);
        Span<byte> header = stackalloc byte[DnsHeader.Size];
        ushort allFlags = (ushort)(DnsHeader.ResponseFlag | DnsHeader.AuthoritativeFlag | flags | (ushort)code);
        new DnsHeader(id, allFlags, (ushort)(question.IsEmpty ? 0 : 1), (ushort)records.Count, 0, 0).Write(header);
        bool fits = writer.TryWrite(header) && (question.IsEmpty || writer.TryWriteQuestion(question));
        foreach (PrimaryRecord record in records)
        {
            fits &= writer.TryWriteRecord(DnsName.Parse(record.Owner).View, record.Type, DnsRecordClass.IN, record.Ttl, record.RdataOctets);
        }

        return fits ? buffer[..writer.Length] : throw new InvalidOperationException("the records do not fit into a message");
    }

    /// <summary>The octets of a question.</summary>
    public static byte[] Question(string name, DnsRecordType type) => [.. DnsName.Parse(name).Wire, (byte)((int)type >> 8), (byte)type, 0, 1];
}
