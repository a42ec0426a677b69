using System.Buffers.Binary;
using MiniDns.Plugins.Cache;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>Makes entries for tests of the table alone.</summary>
internal static class Entries
{
    public static readonly ulong Selector = CacheKey.SelectorOf(DnsRecordType.TXT, DnsRecordClass.IN, false, false);

    /// <summary>The wire form of <c>n[number].example.</c></summary>
    public static byte[] NameOf(int number)
    {
        Span<char> digits = stackalloc char[12];
        number.TryFormat(digits, out int length);
        byte[] wire = new byte[length + 11];
        wire[0] = (byte)(length + 1);
        wire[1] = (byte)'n';
        for (int i = 0; i < length; i++)
        {
            wire[2 + i] = (byte)digits[i];
        }

        "\u0007example\0"u8.CopyTo(wire.AsSpan(length + 2));
        return wire;
    }

    public static CacheKey Key(byte[] name) => new(new DnsNameView(name), new DnsNameView(name).Hash, Selector);

    /// <summary>An entry with one record, whose rdata begins with the number.</summary>
    public static CacheEntry Make(in CacheKey key, int number, uint lifetime, long now, int rdataLength = 8)
    {
        int length = DnsHeader.Size + key.Name.Length + 4 + 12 + rdataLength;
        byte[] message = new byte[length];
        new DnsHeader(0, 0x8000, 1, 1, 0, 0).Write(message);
        Span<byte> at = message.AsSpan(DnsHeader.Size);
        key.Name.Wire.CopyTo(at);
        at = at[key.Name.Length..];
        BinaryPrimitives.WriteUInt32BigEndian(at, 0x0010_0001);
        BinaryPrimitives.WriteUInt16BigEndian(at[4..], 0xC00C);
        BinaryPrimitives.WriteUInt32BigEndian(at[6..], 0x0010_0001);
        BinaryPrimitives.WriteUInt32BigEndian(at[10..], lifetime);
        BinaryPrimitives.WriteUInt16BigEndian(at[14..], (ushort)rdataLength);
        BinaryPrimitives.WriteInt32BigEndian(at[16..], number);
        Assert.True(CacheEntry.TryCreate(message, key, new ResponseTraits(ResponseKind.Positive, true, lifetime), lifetime, now, null, out CacheEntry? entry));
        return entry;
    }

    /// <summary>The number in an entry.</summary>
    public static int NumberIn(CacheEntry entry) => BinaryPrimitives.ReadInt32BigEndian(entry.Message[(entry.TtlOffsets[0] + 6)..]);
}
