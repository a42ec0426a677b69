using System.Buffers.Binary;

namespace MiniDns.Protocol.Messages;

/// <summary>The twelve octets every message starts with (RFC 1035 §4.1.1, RFC 2535 §6.1 for AD and CD).</summary>
public readonly record struct DnsHeader(
    ushort Id,
    ushort Flags,
    ushort QuestionCount,
    ushort AnswerCount,
    ushort AuthorityCount,
    ushort AdditionalCount)
{
    /// <summary>The header's length in octets.</summary>
    public const int Size = 12;

    /// <summary>The flag bit QR: the message is a response.</summary>
    public const ushort ResponseFlag = 0x8000;

    /// <summary>The flag bit AA: the answer is authoritative.</summary>
    public const ushort AuthoritativeFlag = 0x0400;

    /// <summary>The flag bit TC: the message was cut.</summary>
    public const ushort TruncatedFlag = 0x0200;

    /// <summary>The flag bit RD: recursion is desired.</summary>
    public const ushort RecursionDesiredFlag = 0x0100;

    /// <summary>The flag bit RA: recursion is available.</summary>
    public const ushort RecursionAvailableFlag = 0x0080;

    /// <summary>The flag bit AD: the data is authentic.</summary>
    public const ushort AuthenticDataFlag = 0x0020;

    /// <summary>The flag bit CD: checking is disabled.</summary>
    public const ushort CheckingDisabledFlag = 0x0010;

    /// <summary>True for a response (QR).</summary>
    public bool IsResponse => (Flags & ResponseFlag) != 0;

    /// <summary>What the message asks for.</summary>
    public DnsOpcode Opcode => (DnsOpcode)(Flags >> 11 & 0xF);

    /// <summary>The lower four bits of the response code.</summary>
    public DnsResponseCode ResponseCode => (DnsResponseCode)(Flags & 0xF);

    /// <summary>RD.</summary>
    public bool RecursionDesired => (Flags & RecursionDesiredFlag) != 0;

    /// <summary>CD.</summary>
    public bool CheckingDisabled => (Flags & CheckingDisabledFlag) != 0;

    /// <summary>AD.</summary>
    public bool AuthenticData => (Flags & AuthenticDataFlag) != 0;

    /// <summary>TC.</summary>
    public bool IsTruncated => (Flags & TruncatedFlag) != 0;

    /// <summary>AA.</summary>
    public bool IsAuthoritative => (Flags & AuthoritativeFlag) != 0;

    /// <summary>Reads a header.</summary>
    /// <returns>False when there are fewer than twelve octets.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out DnsHeader header)
    {
        if (message.Length < Size)
        {
            header = default;
            return false;
        }

        header = new DnsHeader(
            BinaryPrimitives.ReadUInt16BigEndian(message),
            BinaryPrimitives.ReadUInt16BigEndian(message[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        return true;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="destination">At least twelve octets.</param>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, Id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Flags);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], QuestionCount);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], AnswerCount);
        BinaryPrimitives.WriteUInt16BigEndian(destination[8..], AuthorityCount);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], AdditionalCount);
    }
}
