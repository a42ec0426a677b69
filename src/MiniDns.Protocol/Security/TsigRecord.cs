using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Security;

/// <summary>A TSIG record of a message (RFC 8945 §4.2), seen through its octets.</summary>
public readonly ref struct TsigRecord
{
    /// <summary>The octets that the names of a record may take: two names.</summary>
    public const int NamesLength = 2 * DnsNameView.MaxLength;

    /// <summary>Seconds that two clocks may differ by (§10): what we put into our records.</summary>
    public const ushort DefaultFudge = 300;

    /// <summary>Owner, rdata and whatever else is of a fixed length: type, class, TTL, length, time, fudge, two lengths, id, error.</summary>
    private const int FixedLength = 10 + 16;

    /// <summary>Where the record starts in its message.</summary>
    public int Offset { get; private init; }

    /// <summary>The key's name, in lower case.</summary>
    public DnsNameView KeyName { get; private init; }

    /// <summary>The algorithm's name, in lower case.</summary>
    public DnsNameView AlgorithmName { get; private init; }

    /// <summary>When the message was signed, in seconds since 1970, 48 bits.</summary>
    public ulong TimeSigned { get; private init; }

    /// <summary>Seconds that the clocks may differ by.</summary>
    public ushort Fudge { get; private init; }

    /// <summary>The MAC.</summary>
    public ReadOnlySpan<byte> Mac { get; private init; }

    /// <summary>The message's id when it was signed.</summary>
    public ushort OriginalId { get; private init; }

    /// <summary>The error: 0, or one of BADSIG (16), BADKEY, BADTIME, BADTRUNC.</summary>
    public DnsResponseCode Error { get; private init; }

    /// <summary>Other data: the server's time in a BADTIME error.</summary>
    public ReadOnlySpan<byte> OtherData { get; private init; }

    /// <summary>Looks for the TSIG record of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="offset">Where it starts; 0 when there is none.</param>
    /// <returns>False when the message is malformed or the record is not the last one (§5.1).</returns>
    public static bool TryLocate(ReadOnlySpan<byte> message, out int offset)
    {
        offset = 0;
        if (!DnsHeader.TryRead(message, out DnsHeader header))
        {
            return false;
        }

        var reader = new DnsReader(message);
        for (int i = 0; i < header.QuestionCount; i++)
        {
            if (!reader.TryReadQuestion(out _))
            {
                return false;
            }
        }

        int before = header.AnswerCount + header.AuthorityCount;
        int records = before + header.AdditionalCount;
        for (int i = 0; i < records; i++)
        {
            int start = reader.Position;
            if (!reader.TryReadRecord(out DnsRecordView record))
            {
                return false;
            }

            if (record.Type == DnsRecordType.TSIG)
            {
                offset = start;
                return i == records - 1 && i >= before && reader.Position == message.Length;
            }
        }

        return true;
    }

    /// <summary>Reads the record that starts at an offset.</summary>
    /// <param name="message">The message.</param>
    /// <param name="offset">Where the record starts; it is the last thing in the message.</param>
    /// <param name="names">Takes the names; <see cref="NamesLength"/> octets.</param>
    /// <param name="record">The record.</param>
    /// <returns>False when it is malformed, not of class ANY, or something follows it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, int offset, Span<byte> names, out TsigRecord record)
    {
        record = default;
        var reader = new DnsReader(message, offset);
        if (!reader.TryReadRecord(out DnsRecordView view)
            || view.Type != DnsRecordType.TSIG || view.Class != DnsRecordClass.ANY || view.End != message.Length)
        {
            return false;
        }

        reader.Position = offset;
        if (!reader.TryReadName(names, out int keyLength))
        {
            return false;
        }

        reader.Position = view.RdataOffset;
        if (!reader.TryReadName(names[keyLength..], out int algorithmLength))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = message[Math.Min(reader.Position, view.End)..view.End];
        if (rest.Length < 16)
        {
            return false;
        }

        int macLength = BinaryPrimitives.ReadUInt16BigEndian(rest[8..]);
        if (rest.Length < 16 + macLength)
        {
            return false;
        }

        ReadOnlySpan<byte> tail = rest[(10 + macLength)..];
        if (BinaryPrimitives.ReadUInt16BigEndian(tail[4..]) != tail.Length - 6)
        {
            return false;
        }

        names = names[..(keyLength + algorithmLength)];
        new DnsNameView(names[..keyLength]).CopyLowerTo(names);
        new DnsNameView(names[keyLength..]).CopyLowerTo(names[keyLength..]);
        record = new TsigRecord
        {
            Offset = offset,
            KeyName = new DnsNameView(names[..keyLength]),
            AlgorithmName = new DnsNameView(names[keyLength..]),
            TimeSigned = ReadTime(rest),
            Fudge = BinaryPrimitives.ReadUInt16BigEndian(rest[6..]),
            Mac = rest.Slice(10, macLength),
            OriginalId = BinaryPrimitives.ReadUInt16BigEndian(tail),
            Error = (DnsResponseCode)BinaryPrimitives.ReadUInt16BigEndian(tail[2..]),
            OtherData = tail[6..],
        };
        return true;
    }

    /// <summary>Reads a time of 48 bits.</summary>
    internal static ulong ReadTime(ReadOnlySpan<byte> octets) =>
        ((ulong)BinaryPrimitives.ReadUInt16BigEndian(octets) << 32) | BinaryPrimitives.ReadUInt32BigEndian(octets[2..]);

    /// <summary>Writes a time of 48 bits.</summary>
    internal static void WriteTime(Span<byte> destination, ulong time)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(time >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], (uint)time);
    }

    /// <summary>How long a record will be, in octets.</summary>
    internal static int LengthOf(int keyName, int algorithmName, int mac, int other) => FixedLength + keyName + algorithmName + mac + other;

    /// <summary>Appends a record to a message and counts it in the header.</summary>
    /// <param name="message">The message with room behind it.</param>
    /// <param name="length">The message's length in octets.</param>
    /// <param name="record">The record; its <see cref="Offset"/> means nothing.</param>
    /// <returns>The new length.</returns>
    internal static int Append(Span<byte> message, int length, in TsigRecord record)
    {
        Span<byte> at = message[length..];
        record.KeyName.Wire.CopyTo(at);
        at = at[record.KeyName.Length..];
        BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)DnsRecordType.TSIG);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)DnsRecordClass.ANY);
        BinaryPrimitives.WriteUInt32BigEndian(at[4..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(at[8..], (ushort)(16 + record.AlgorithmName.Length + record.Mac.Length + record.OtherData.Length));
        at = at[10..];
        record.AlgorithmName.Wire.CopyTo(at);
        at = at[record.AlgorithmName.Length..];
        WriteTime(at, record.TimeSigned);
        BinaryPrimitives.WriteUInt16BigEndian(at[6..], record.Fudge);
        BinaryPrimitives.WriteUInt16BigEndian(at[8..], (ushort)record.Mac.Length);
        record.Mac.CopyTo(at[10..]);
        at = at[(10 + record.Mac.Length)..];
        BinaryPrimitives.WriteUInt16BigEndian(at, record.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)record.Error);
        BinaryPrimitives.WriteUInt16BigEndian(at[4..], (ushort)record.OtherData.Length);
        record.OtherData.CopyTo(at[6..]);
        int count = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], (ushort)(count + 1));
        return length + LengthOf(record.KeyName.Length, record.AlgorithmName.Length, record.Mac.Length, record.OtherData.Length);
    }

    /// <summary>A record to be appended.</summary>
    internal static TsigRecord Make(DnsNameView key, DnsNameView algorithm, ulong time, ushort fudge, ReadOnlySpan<byte> mac, ushort id, DnsResponseCode error, ReadOnlySpan<byte> other) => new()
    {
        KeyName = key,
        AlgorithmName = algorithm,
        TimeSigned = time,
        Fudge = fudge,
        Mac = mac,
        OriginalId = id,
        Error = error,
        OtherData = other,
    };
}
