using System.Buffers.Binary;
using System.Net;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Search;

/// <summary>The end of a chain that says what a test tells it to: an upstream. NXDOMAIN with a SOA for all other names.</summary>
internal sealed class ScriptedPlugin : IDnsPlugin, IDnsHandler
{
    private readonly Dictionary<(string Name, DnsRecordType Type), Action<DnsResponse>> _script = [];
    private readonly Dictionary<string, DnsOutcome> _outcomes = [];

    public string Name => "scripted";

    /// <summary>True to complete later, on another thread.</summary>
    public bool IsSlow { get; set; }

    /// <summary>True to answer as a forwarder does: with a message instead of records.</summary>
    public bool AsWire { get; set; }

    /// <summary>True to keep note of what was asked.</summary>
    public bool TakesNotes { get; set; } = true;

    /// <summary>True to deny without a SOA record.</summary>
    public bool DeniesPlainly { get; set; }

    /// <summary>What was asked.</summary>
    public List<string> Asked { get; } = [];

    public void Setup(PluginSetup setup) => setup.Use(_ => this);

    public ScriptedPlugin On(string name, DnsRecordType type, Action<DnsResponse> answer)
    {
        _script[(name, type)] = answer;
        return this;
    }

    /// <summary>Gives a name addresses; a family without one is NODATA.</summary>
    public ScriptedPlugin Host(string name, string? v4, string? v6 = null, uint ttl = 300) =>
        On(name, DnsRecordType.A, r => Address(r, name, v4, ttl)).On(name, DnsRecordType.AAAA, r => Address(r, name, v6, ttl));

    public ScriptedPlugin Code(string name, DnsResponseCode code) =>
        On(name, DnsRecordType.A, r => r.Code = code).On(name, DnsRecordType.AAAA, r => r.Code = code);

    public ScriptedPlugin Outcome(string name, DnsOutcome outcome)
    {
        _outcomes[name] = outcome;
        return this;
    }

    public async ValueTask<DnsOutcome> LaterAsync(DnsQuery query)
    {
        await Task.Delay(1);
        return Handle(query);
    }

    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => IsSlow ? LaterAsync(query) : new(Handle(query));

    public static void Address(DnsResponse response, string name, string? address, uint ttl)
    {
        response.Flags = DnsResponseFlags.RecursionAvailable | DnsResponseFlags.AuthenticData;
        if (address is null)
        {
            Soa(response, 900, 60);
            return;
        }

        byte[] octets = IPAddress.Parse(address).GetAddressBytes();
        response.AddSynthesized(DnsSection.Answer, DnsName.Parse(name).View, octets.Length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, DnsRecordClass.IN, ttl, octets);
    }

    public static void Alias(DnsResponse response, string name, string target) =>
        response.AddSynthesized(DnsSection.Answer, DnsName.Parse(name).View, DnsRecordType.CNAME, DnsRecordClass.IN, 200, DnsName.Parse(target).Wire);

    public static void Soa(DnsResponse response, uint ttl, uint minimum)
    {
        byte[] rdata = new byte[22];
        BinaryPrimitives.WriteUInt32BigEndian(rdata.AsSpan(18), minimum);
        response.AddSynthesized(DnsSection.Authority, DnsName.Parse("com.").View, DnsRecordType.SOA, DnsRecordClass.IN, ttl, rdata);
    }

    private DnsOutcome Handle(DnsQuery query)
    {
        if (!TakesNotes)
        {
            query.Reply(DnsResponseCode.NameError);
            return DnsOutcome.Replied;
        }

        string name = query.LowerName.ToString();
        Asked.Add($"{name} {query.Type}");
        if (_outcomes.TryGetValue(name, out DnsOutcome outcome))
        {
            return outcome;
        }

        if (_script.TryGetValue((name, query.Type), out Action<DnsResponse>? answer))
        {
            answer(query.Response);
        }
        else
        {
            query.Response.Code = DnsResponseCode.NameError;
            if (!DeniesPlainly)
            {
                Soa(query.Response, 900, 120);
            }
        }

        if (AsWire)
        {
            query.Response.SetWire(query.SendBuffer.AsSpan(0, ResponseEncoder.Encode(query)).ToArray());
        }

        return DnsOutcome.Replied;
    }
}
