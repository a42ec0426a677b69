using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Protocol.Tests.Security;

/// <summary>A client and a server that share a key, and messages for them.</summary>
internal sealed class TsigPair
{
    public const long Now = 1767225600;

    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public TsigPair(string? algorithm = "hmac-sha256", string? serverAlgorithm = "", string serverName = "test.key.", byte[]? serverSecret = null)
    {
        Key = MakeKey("Test.Key.", Secret, algorithm);
        ServerKey = MakeKey(serverName, serverSecret ?? Secret, serverAlgorithm is "" ? algorithm : serverAlgorithm);
        Client = new TsigRequester(Key, ClientClock);
        Keys = new TsigKeyring([ServerKey]);
    }

    public FixedClock ClientClock { get; } = new(Now);

    public FixedClock ServerClock { get; } = new(Now);

    public TsigKey Key { get; }

    public TsigKey ServerKey { get; }

    public TsigRequester Client { get; }

    public TsigResponder Server { get; } = new();

    public TsigKeyring Keys { get; }

    /// <summary>A query or a reply with one address in it, its last octet given; 0 for none.</summary>
    public static byte[] Message(bool isReply, byte last = 0, ushort id = 0x1234)
    {
        byte[] message = new byte[512];
        NameCompressor names = default;
        DnsWriter writer = new(message, ref names);
        ushort flags = (ushort)(isReply ? 0x8100 : 0x0100);
        Assert.True(writer.TryWrite(new byte[DnsHeader.Size]));
        Assert.True(writer.TryWriteName(DnsName.Parse("www.Example.org.").View, compress: false));
        Assert.True(writer.TryWrite([0, 1, 0, 1]));
        if (last > 0)
        {
            Assert.True(writer.TryWriteRecord(DnsName.Parse("www.Example.org.").View, DnsRecordType.A, DnsRecordClass.IN, 300, [192, 0, 2, last]));
        }

        new DnsHeader(id, flags, 1, (ushort)(last > 0 ? 1 : 0), 0, 0).Write(message);
        return message[..writer.Length];
    }

    /// <summary>The client's query, signed.</summary>
    public byte[] Request() => Append(Message(isReply: false), (b, n) => Client.Sign(b, n));

    /// <summary>What the server thinks of a request.</summary>
    public TsigStatus Receive(byte[] request)
    {
        Assert.True(TsigRecord.TryLocate(request, out int offset));
        return Server.Verify(request, offset, Keys, ServerClock);
    }

    /// <summary>A reply of the server, signed as it wants to.</summary>
    public byte[] Reply(byte last) => Append(Message(isReply: true, last), (b, n) =>
    {
        int length = Server.Sign(b, n);
        Assert.Equal(n + Server.Length, length);
        return length;
    });

    /// <summary>The TSIG record of a message, its names in the array given.</summary>
    public static TsigRecord Read(byte[] message, byte[] names)
    {
        Assert.True(TsigRecord.TryLocate(message, out int offset));
        Assert.NotEqual(0, offset);
        Assert.True(TsigRecord.TryRead(message, offset, names, out TsigRecord record));
        return record;
    }

    /// <summary>Cuts the MAC of a message to so many octets.</summary>
    public static byte[] CutMac(byte[] message, int length)
    {
        TsigRecord record = Read(message, new byte[TsigRecord.NamesLength]);
        int surplus = record.Mac.Length - length;
        int macAt = message.Length - 6 - record.OtherData.Length - record.Mac.Length;
        byte[] cut = new byte[message.Length - surplus];
        message.AsSpan(0, macAt + Math.Min(length, record.Mac.Length)).CopyTo(cut);
        message.AsSpan(macAt + record.Mac.Length).CopyTo(cut.AsSpan(macAt + length));
        BinaryPrimitives.WriteUInt16BigEndian(cut.AsSpan(macAt - 2), (ushort)length);
        int lengthAt = macAt - 10 - record.AlgorithmName.Length - 2;
        BinaryPrimitives.WriteUInt16BigEndian(cut.AsSpan(lengthAt), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(cut.AsSpan(lengthAt)) - surplus));
        return cut;
    }

    private static byte[] Append(byte[] message, Func<byte[], int, int> sign)
    {
        byte[] buffer = new byte[message.Length + 1024];
        message.CopyTo(buffer, 0);
        return buffer[..sign(buffer, message.Length)];
    }

    private static TsigKey MakeKey(string name, byte[] secret, string? algorithm)
    {
        Assert.True(TsigKey.TryCreate(DnsName.Parse(name), Convert.ToBase64String(secret), algorithm, out TsigKey? key, out string? error), error);
        return key;
    }
}
