using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Testing;

/// <summary>A query that a <see cref="FakeUpstream"/> received, and what can be done with it.</summary>
public sealed class FakeQuery
{
    private readonly Func<byte[], Task> _send;
    private readonly Action _close;

    internal FakeQuery(byte[] message, bool isTcp, IPEndPoint from, Func<byte[], Task> send, Action close)
    {
        Message = message;
        IsTcp = isTcp;
        From = from;
        _send = send;
        _close = close;
        DnsHeader.TryRead(message, out DnsHeader header);
        Header = header;
        DnsNameView.TryRead(message.AsSpan(DnsHeader.Size), out DnsNameView name);
        AskedName = name.ToString();
        Name = AskedName.ToLowerInvariant();
        QuestionEnd = DnsHeader.Size + name.Length + 4;
        Type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(QuestionEnd - 4));
    }

    /// <summary>The message's octets.</summary>
    public byte[] Message { get; }

    /// <summary>True when it came over TCP.</summary>
    public bool IsTcp { get; }

    /// <summary>Who sent it.</summary>
    public IPEndPoint From { get; }

    /// <summary>Its header.</summary>
    public DnsHeader Header { get; }

    /// <summary>The name asked for, in lower case: the case it was sent in is random.</summary>
    public string Name { get; }

    /// <summary>The name asked for, in the case it was sent in.</summary>
    public string AskedName { get; }

    /// <summary>The type asked for.</summary>
    public DnsRecordType Type { get; }

    /// <summary>The offset after the question.</summary>
    public int QuestionEnd { get; }

    /// <summary>Sends a message to where the query came from.</summary>
    public Task SendAsync(byte[] message) => _send(message);

    /// <summary>Sends a message to where the query came from, but from another port.</summary>
    public async Task SendFromElsewhereAsync(byte[] message)
    {
        using var socket = new Socket(From.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.SendToAsync(message, From);
    }

    /// <summary>Closes the connection, when it is one.</summary>
    public void Close() => _close();

    /// <summary>A response with these A records, or with none.</summary>
    public byte[] Answer(params string[] addresses) => Build(DnsResponseCode.NoError, 0, addresses);

    /// <summary>A response with a code and no records.</summary>
    public byte[] Code(DnsResponseCode code) => Build(code, 0, []);

    /// <summary>A response that says that it was cut, without records.</summary>
    public byte[] Truncated() => Build(DnsResponseCode.NoError, DnsHeader.TruncatedFlag, []);

    private byte[] Build(DnsResponseCode code, ushort flags, string[] addresses)
    {
        var octets = new List<byte>(Message.AsSpan(0, QuestionEnd).ToArray());
        foreach (string address in addresses)
        {
            octets.AddRange([0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0x2C, 0, 4]);
            octets.AddRange(IPAddress.Parse(address).GetAddressBytes());
        }

        byte[] message = [.. octets];
        ushort bits = (ushort)(DnsHeader.ResponseFlag | DnsHeader.RecursionAvailableFlag | (Header.Flags & DnsHeader.RecursionDesiredFlag) | flags | (int)code);
        new DnsHeader(Header.Id, bits, 1, (ushort)addresses.Length, 0, 0).Write(message);
        return message;
    }
}
