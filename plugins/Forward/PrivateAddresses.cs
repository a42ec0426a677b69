using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Forward;

/// <summary>Finds addresses in answers that mean something only inside a network, or a machine (RFC 6890).</summary>
internal static class PrivateAddresses
{
    private const int Ipv4Hint = 4;
    private const int Ipv6Hint = 6;

    private static readonly (uint Prefix, int HostBits)[] Networks4 =
    [
        (0x00000000, 24),       // 0.0.0.0/8
        (0x0A000000, 24),       // 10.0.0.0/8
        (0x64400000, 22),       // 100.64.0.0/10
        (0x7F000000, 24),       // 127.0.0.0/8
        (0xA9FE0000, 16),       // 169.254.0.0/16
        (0xAC100000, 20),       // 172.16.0.0/12
        (0xC0A80000, 16),       // 192.168.0.0/16
    ];

    /// <summary>True when the answer section of a well-formed response holds such an address, in A, AAAA, or as a hint (RFC 9460 §7.3).</summary>
    public static bool AreIn(ReadOnlySpan<byte> message)
    {
        var reader = new DnsReader(message);
        if (!DnsHeader.TryRead(message, out DnsHeader header) || !reader.TryReadQuestion(out _))
        {
            return false;
        }

        for (int i = 0; i < header.AnswerCount && reader.TryReadRecord(out DnsRecordView record); i++)
        {
            ReadOnlySpan<byte> rdata = message.Slice(record.RdataOffset, record.RdataLength);
            bool found = record.Type switch
            {
                DnsRecordType.A or DnsRecordType.AAAA => IsPrivate(rdata),
                DnsRecordType.SVCB or DnsRecordType.HTTPS => HintsAt(message, record),
                _ => false,
            };
            if (found)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True for an address, in octets, that is private, local to a link or machine, or stands for such an IPv4 address.</summary>
    public static bool IsPrivate(ReadOnlySpan<byte> address)
    {
        if (address.Length == 16)
        {
            if (address[..10].IndexOfAnyExcept((byte)0) < 0)
            {
                // ::, ::1, IPv4 mapped (::ffff:a.b.c.d) or in the compatible form that is no longer used.
                return address[10..12] is [0xFF, 0xFF] or [0, 0] && IsPrivate4(address[12..]);
            }

            // NAT64 (RFC 6052 §2.1), unique local (RFC 4193), link-local (RFC 4291 §2.5.6).
            return (address is [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, ..] && IsPrivate4(address[12..]))
                || (address[0] & 0xFE) == 0xFC
                || (address[0] == 0xFE && (address[1] & 0xC0) == 0x80);
        }

        return address.Length == 4 && IsPrivate4(address);
    }

    private static bool IsPrivate4(ReadOnlySpan<byte> address)
    {
        uint value = BinaryPrimitives.ReadUInt32BigEndian(address);
        foreach ((uint prefix, int hostBits) in Networks4)
        {
            if ((value ^ prefix) >> hostBits == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HintsAt(ReadOnlySpan<byte> message, in DnsRecordView record)
    {
        int end = record.End;
        var reader = new DnsReader(message, record.RdataOffset + 2);
        if (record.RdataLength < 3 || !reader.TrySkipName())
        {
            return false;
        }

        int at = reader.Position;
        while (at + 4 <= end)
        {
            int key = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            at += 4;
            if (at + length > end)
            {
                return false;
            }

            int size = key == Ipv4Hint ? 4 : key == Ipv6Hint ? 16 : 0;
            for (int i = 0; size > 0 && i + size <= length; i += size)
            {
                if (IsPrivate(message.Slice(at + i, size)))
                {
                    return true;
                }
            }

            at += length;
        }

        return false;
    }
}
