using System.Net;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>A plugin after cache that answers as the test says, and counts.</summary>
internal sealed class FakeSource : IDnsPlugin, IDnsHandler
{
    private int _asked;
    private IQueryRunner? _queries;

    public string Name => "source";

    /// <summary>How often it was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What it answers.</summary>
    public Func<DnsQuery, DnsOutcome> Answer { get; set; } = query => Address(query, 300);

    /// <summary>When set, it answers instead.</summary>
    public Func<DnsQuery, IQueryRunner, ValueTask<DnsOutcome>>? AnswerAsync { get; set; }

    /// <summary>When set, answers wait for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public void Setup(PluginSetup setup)
    {
        _queries = setup.Queries;
        setup.Use(_ => this);
    }

    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        Interlocked.Increment(ref _asked);
        return AnswerAsync is { } answer ? answer(query, _queries!) : Gate is { } gate ? WaitAsync(query, gate) : new ValueTask<DnsOutcome>(Answer(query));
    }

    /// <summary>An A record.</summary>
    public static DnsOutcome Address(DnsQuery query, uint ttl, string address = "192.0.2.1")
    {
        query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.A, DnsRecordClass.IN, ttl, IPAddress.Parse(address).GetAddressBytes());
        return DnsOutcome.Replied;
    }

    /// <summary>A denial with a SOA record.</summary>
    public static DnsOutcome Deny(DnsQuery query, DnsResponseCode code, uint ttl, uint minimum)
    {
        query.Response.Code = code;
        AddSoa(query, ttl, minimum);
        return DnsOutcome.Replied;
    }

    public static void AddSoa(DnsQuery query, uint ttl, uint minimum)
    {
        byte[] rdata = [.. DnsName.Parse("ns.example.").Wire, .. DnsName.Parse("root.example.").Wire, .. new byte[20]];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(rdata.AsSpan(rdata.Length - 4), minimum);
        query.Response.AddSynthesized(DnsSection.Authority, DnsName.Parse("example.").View, DnsRecordType.SOA, DnsRecordClass.IN, ttl, rdata);
    }

    public static void Add(DnsQuery query, DnsSection section, string owner, DnsRecordType type, uint ttl, ReadOnlySpan<byte> rdata) =>
        query.Response.AddSynthesized(section, DnsName.Parse(owner).View, type, DnsRecordClass.IN, ttl, rdata);

    public static void AddCname(DnsQuery query, string owner, string target, uint ttl = 300) =>
        Add(query, DnsSection.Answer, owner, DnsRecordType.CNAME, ttl, DnsName.Parse(target).Wire);

    /// <summary>Turns the records of the response into the octets of a message, as an upstream would send them.</summary>
    public static DnsOutcome AsWire(DnsQuery query)
    {
        byte[] message = new byte[DnsQuery.MaxMessageSize];
        Assert.True(ResponseEncoder.TryEncodeForKeeping(query, message, out int length));
        Assert.True(query.Response.SetWire(message.AsSpan(0, length)));
        return DnsOutcome.Replied;
    }

    private async ValueTask<DnsOutcome> WaitAsync(DnsQuery query, TaskCompletionSource gate)
    {
        await gate.Task;
        return Answer(query);
    }
}
