using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Core.Tests.Queries;

/// <summary>Query messages built octet by octet, good and bad.</summary>
internal sealed class QueryMessage
{
    private readonly List<byte> _octets = [.. new byte[DnsHeader.Size]];

    public ushort Id { get; init; } = 0x1234;

    public ushort Flags { get; init; } = DnsHeader.RecursionDesiredFlag;

    private readonly ushort[] _counts = new ushort[4];

    public QueryMessage Question(string name, DnsRecordType type = DnsRecordType.A, DnsRecordClass @class = DnsRecordClass.IN)
    {
        _counts[0]++;
        return Append([.. DnsName.Parse(name).Wire, .. U16((ushort)type), .. U16((ushort)@class)]);
    }

    public QueryMessage Opt(int size = 1232, byte version = 0, bool dnssecOk = false, byte[]? options = null, byte[]? owner = null, int section = 3)
    {
        _counts[section]++;
        options ??= [];
        return Append([.. owner ?? [0], 0, 41, .. U16((ushort)size), 0, version, (byte)(dnssecOk ? 0x80 : 0), 0, .. U16((ushort)options.Length), .. options]);
    }

    public QueryMessage Record(string owner, DnsRecordType type, byte[] rdata, int section)
    {
        _counts[section]++;
        return Append([.. DnsName.Parse(owner).Wire, .. U16((ushort)type), 0, 1, 0, 0, 0, 60, .. U16((ushort)rdata.Length), .. rdata]);
    }

    /// <summary>Counts something that is not there, or hides what is.</summary>
    public QueryMessage Count(int section, ushort count)
    {
        _counts[section] = count;
        return this;
    }

    public QueryMessage Append(params byte[] octets)
    {
        _octets.AddRange(octets);
        return this;
    }

    public byte[] Build()
    {
        byte[] message = [.. _octets];
        new DnsHeader(Id, Flags, _counts[0], _counts[1], _counts[2], _counts[3]).Write(message);
        return message;
    }

    /// <summary>Gives the message to a query object as a transport does.</summary>
    public QueryVerdict Begin(DnsQuery query, DnsTransport transport = DnsTransport.Udp) => Begin(query, Build(), transport);

    public static QueryVerdict Begin(DnsQuery query, ReadOnlySpan<byte> message, DnsTransport transport = DnsTransport.Udp)
    {
        query.EnsureReceiveBuffer(message.Length);
        message.CopyTo(query.ReceiveBuffer);
        return query.Begin(message.Length, transport);
    }

    private static byte[] U16(ushort value)
    {
        byte[] octets = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, value);
        return octets;
    }
}
