using System.Buffers.Binary;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Transfer;

/// <summary>The message that tells a secondary of a zone's new version, and its answer (RFC 1996 §3).</summary>
internal static class NotifyMessage
{
    /// <summary>The most octets that a notification has.</summary>
    public const int MaxSize = 1232;

    /// <summary>Writes a notification.</summary>
    /// <param name="destination">At least <see cref="MaxSize"/> octets.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="origin">The zone.</param>
    /// <param name="zone">Its new version, whose SOA goes with the message as a hint (§3.7); null when there is none.</param>
    /// <returns>The message's length in octets.</returns>
    public static int Write(Span<byte> destination, ushort id, DnsName origin, ITransferZone? zone)
    {
        NameCompressor names = default;
        var writer = new DnsWriter(destination[..MaxSize], ref names);
        Span<byte> question = stackalloc byte[DnsNameView.MaxLength + 4];
        origin.Wire.CopyTo(question);
        BinaryPrimitives.WriteUInt16BigEndian(question[origin.Length..], (ushort)DnsRecordType.SOA);
        BinaryPrimitives.WriteUInt16BigEndian(question[(origin.Length + 2)..], (ushort)DnsRecordClass.IN);
        Span<byte> header = stackalloc byte[DnsHeader.Size];
        writer.TryWrite(header);
        writer.TryWriteQuestion(question[..(origin.Length + 4)]);
        bool hasSoa = zone is not null && writer.TryWriteRRset(zone.Soa, zone.Soa.Owner, zone.Soa.Ttl);
        const ushort Flags = ((int)DnsOpcode.Notify << 11) | DnsHeader.AuthoritativeFlag;
        new DnsHeader(id, Flags, 1, (ushort)(hasSoa ? zone!.Soa.Count : 0), 0, 0).Write(destination);
        return writer.Length;
    }

    /// <summary>Looks whether a message answers a notification.</summary>
    /// <param name="message">What was received.</param>
    /// <param name="id">The notification's id.</param>
    /// <param name="origin">The zone.</param>
    /// <param name="code">What the secondary says.</param>
    public static bool IsAnswer(ReadOnlySpan<byte> message, ushort id, DnsName origin, out DnsResponseCode code)
    {
        code = default;
        if (!DnsHeader.TryRead(message, out DnsHeader header) || !header.IsResponse || header.Id != id || header.Opcode != DnsOpcode.Notify)
        {
            return false;
        }

        // Some servers leave the question out of an error.
        code = header.ResponseCode;
        return header.QuestionCount == 0
            || (DnsNameView.TryRead(message[DnsHeader.Size..], out DnsNameView name) && name.Equals(origin.View));
    }
}
