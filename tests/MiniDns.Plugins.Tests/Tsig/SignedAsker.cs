using System.Net;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Tsig;

/// <summary>Asks a chain with signed queries.</summary>
internal sealed class SignedAsker(IDnsHandler chain, TimeProvider time, string key = SignedAsker.KeyName, string secret = SignedAsker.Secret, string algorithm = "hmac-sha256")
{
    public const string KeyName = "test.key.";
    public const string Secret = "NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=";

    public ChainHarness Harness { get; } = new(chain);

    public TsigRequester Requester { get; } = new(
        TsigKey.TryCreate(DnsName.Parse(key), secret, algorithm, out TsigKey? made, out string? error) ? made : throw new ArgumentException(error), time);

    /// <summary>Puts a query into the harness's query object; signed or not.</summary>
    /// <returns>The message's length in octets.</returns>
    public int Begin(string name, DnsRecordType type, bool isSigned = true, bool dnssecOk = false, DnsTransport transport = DnsTransport.Udp, DnsOpcode opcode = DnsOpcode.Query)
    {
        DnsQuery query = Harness.Query;
        int length = query.WriteQuestion(DnsName.Parse(name).View, type, DnsRecordClass.IN, (ushort)(0x0100 | ((int)opcode << 11)), dnssecOk);
        length = isSigned ? Requester.Sign(query.ReceiveBuffer, length) : length;
        QueryVerdict verdict = query.Begin(length, transport);
        Assert.Equal(opcode == DnsOpcode.Query ? QueryVerdict.Accept : QueryVerdict.Notification, verdict);
        return length;
    }

    /// <summary>Puts an update into the harness's query object.</summary>
    /// <returns>What the server does with it.</returns>
    public QueryVerdict BeginUpdate(string zone, bool isSigned)
    {
        DnsQuery query = Harness.Query;
        int length = query.WriteQuestion(DnsName.Parse(zone).View, DnsRecordType.SOA, DnsRecordClass.IN, (int)DnsOpcode.Update << 11, dnssecOk: false);
        return query.Begin(isSigned ? Requester.Sign(query.ReceiveBuffer, length) : length, DnsTransport.Udp);
    }

    /// <summary>Asks, and gives the reply.</summary>
    public byte[] Ask(string name, DnsRecordType type, bool isSigned = true, bool dnssecOk = false, DnsTransport transport = DnsTransport.Udp, DnsOpcode opcode = DnsOpcode.Query, string client = "192.0.2.77")
    {
        Begin(name, type, isSigned, dnssecOk, transport, opcode);
        Harness.Query.Client = ClientAddress.From(new IPEndPoint(IPAddress.Parse(client), 40000));
        return Harness.Query.SendBuffer.AsSpan(0, Harness.Run()).ToArray();
    }

    /// <summary>True when a message has a TSIG record.</summary>
    public static bool IsSigned(byte[] message)
    {
        Assert.True(TsigRecord.TryLocate(message, out int offset));
        return offset > 0;
    }

    /// <summary>The response code of a message.</summary>
    public static DnsResponseCode Code(byte[] message)
    {
        Assert.True(DnsHeader.TryRead(message, out DnsHeader header));
        return header.ResponseCode;
    }
}
