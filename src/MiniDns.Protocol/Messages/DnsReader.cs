using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Messages;

/// <summary>A cursor over an untrusted message. No method throws, allocates or reads outside the message.</summary>
/// <remarks>Compression pointers must point strictly backwards (RFC 1035 §4.1.4: "a prior occurrence"), each further than
/// the one before, and a name may follow as many of them as it can have labels: what a name costs is bounded whatever the
/// message holds.</remarks>
public ref struct DnsReader
{
    private const int MaxJumps = 127;
    private readonly ReadOnlySpan<byte> _message;

    /// <summary>Starts at the given offset.</summary>
    /// <param name="message">The whole message, from the first octet of its header.</param>
    /// <param name="position">Where to start; after the header by default.</param>
    public DnsReader(ReadOnlySpan<byte> message, int position = DnsHeader.Size)
    {
        _message = message;
        Position = position;
        Error = WireError.None;
    }

    /// <summary>The offset of the next octet to be read.</summary>
    public int Position { get; set; }

    /// <summary>Why the last method returned false.</summary>
    public WireError Error { get; private set; }

    /// <summary>The whole message.</summary>
    public readonly ReadOnlySpan<byte> Message => _message;

    /// <summary>Reads a question.</summary>
    public bool TryReadQuestion(out DnsQuestionView question)
    {
        int start = Position;
        question = default;
        if (!TrySkipName())
        {
            return false;
        }

        if (_message.Length - Position < 4)
        {
            return Fail(WireError.Truncated);
        }

        var type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(_message[Position..]);
        var @class = (DnsRecordClass)BinaryPrimitives.ReadUInt16BigEndian(_message[(Position + 2)..]);
        Position += 4;
        question = new DnsQuestionView(start, Position, type, @class);
        return true;
    }

    /// <summary>Reads a record's place; its rdata is not looked into.</summary>
    public bool TryReadRecord(out DnsRecordView record)
    {
        int start = Position;
        record = default;
        if (!TrySkipName())
        {
            return false;
        }

        ReadOnlySpan<byte> rest = _message[Position..];
        if (rest.Length < 10)
        {
            return Fail(WireError.Truncated);
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[8..]);
        if (rest.Length - 10 < length)
        {
            return Fail(WireError.Truncated);
        }

        record = new DnsRecordView(
            start,
            (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(rest),
            (DnsRecordClass)BinaryPrimitives.ReadUInt16BigEndian(rest[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(rest[4..]),
            Position + 4,
            Position + 10,
            length);
        Position += 10 + length;
        return true;
    }

    /// <summary>Reads a name, following compression pointers.</summary>
    /// <param name="destination">Takes the uncompressed wire form; 255 octets are always enough.</param>
    /// <param name="length">The octets written.</param>
    /// <returns>False when the name is malformed; the position is then undefined.</returns>
    public bool TryReadName(scoped Span<byte> destination, out int length)
    {
        int at = Position;
        int limit = at;             // pointers must lead below this
        int jumps = 0;
        length = 0;
        while (true)
        {
            if ((uint)at >= (uint)_message.Length)
            {
                return Fail(WireError.Truncated);
            }

            int octet = _message[at];
            switch (octet & 0xC0)
            {
                case 0:
                    if (at + octet + 1 > _message.Length)
                    {
                        return Fail(WireError.Truncated);
                    }

                    if (length + octet + 1 > DnsNameView.MaxLength || length + octet + 1 > destination.Length)
                    {
                        return Fail(WireError.BadName);
                    }

                    _message.Slice(at, octet + 1).CopyTo(destination[length..]);
                    length += octet + 1;
                    at += octet + 1;
                    if (octet == 0)
                    {
                        if (jumps == 0)
                        {
                            Position = at;
                        }

                        return true;
                    }

                    break;
                case 0xC0:
                    if (at + 1 >= _message.Length)
                    {
                        return Fail(WireError.Truncated);
                    }

                    int target = ((octet & 0x3F) << 8) | _message[at + 1];
                    if (target >= limit || target < DnsHeader.Size || jumps == MaxJumps)
                    {
                        return Fail(WireError.BadPointer);
                    }

                    if (jumps++ == 0)
                    {
                        Position = at + 2;
                    }

                    at = limit = target;
                    break;
                default:
                    return Fail(WireError.BadName);
            }
        }
    }

    /// <summary>Moves behind a name without following its pointer.</summary>
    public bool TrySkipName()
    {
        int at = Position;
        int length = 0;
        while ((uint)at < (uint)_message.Length)
        {
            int octet = _message[at];
            if (octet == 0)
            {
                Position = at + 1;
                return true;
            }

            if (octet >= 0xC0)
            {
                if (at + 1 >= _message.Length)
                {
                    break;
                }

                Position = at + 2;
                return true;
            }

            length += octet + 1;
            if (octet > DnsNameView.MaxLabelLength || length >= DnsNameView.MaxLength)
            {
                return Fail(WireError.BadName);
            }

            at += octet + 1;
        }

        return Fail(WireError.Truncated);
    }

    private bool Fail(WireError error)
    {
        Error = error;
        return false;
    }
}
