using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Server.Tests.Support;

/// <summary>Queries as octets.</summary>
internal static class Ask
{
    public static byte[] For(string name, ushort id = 1, DnsRecordType type = DnsRecordType.A, int? edns = null, DnsRecordClass @class = DnsRecordClass.IN, ushort flags = DnsHeader.RecursionDesiredFlag)
    {
        byte[] header = new byte[DnsHeader.Size];
        new DnsHeader(id, flags, 1, 0, 0, (ushort)(edns is null ? 0 : 1)).Write(header);
        byte[] message = [.. header, .. DnsName.Parse(name).Wire, (byte)((int)type >> 8), (byte)type, (byte)((int)@class >> 8), (byte)@class];
        return edns is { } size ? [.. message, 0, 0, 41, (byte)(size >> 8), (byte)size, 0, 0, 0, 0, 0, 0] : message;
    }

    public static ushort Id(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message);
}
