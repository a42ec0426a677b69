using System.Net;
using MiniDns.Plugins.Ratelimit;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Ratelimit;

/// <summary>A handler to ask from any address, with a chain behind it that gives any answer.</summary>
internal sealed class RatelimitSetting
{
    private readonly DnsQuery _query = new(512, 1232);
    private readonly IDnsHandler _handler;

    public RatelimitSetting(string directive)
    {
        Setup = SnippetSetup.Run(new RatelimitPlugin(), directive, Services);
        Assert.Empty(Setup.Errors);
        foreach (IServerComponent component in Setup.Components)
        {
            component.StartAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        _handler = Setup.Chain(new FuncHandler(q => Answer(q)));
    }

    public SnippetServices Services { get; } = new();

    public SnippetSetup Setup { get; }

    public TestTimeProvider Time => Services.Time;

    public DnsQuery Query => _query;

    /// <summary>The chain behind.</summary>
    public Func<DnsQuery, DnsOutcome> Answer { get; set; } = Positive;

    public static DnsOutcome Positive(DnsQuery query)
    {
        query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 60, [10, 0, 0, 1]);
        return DnsOutcome.Replied;
    }

    public static DnsOutcome NameError(DnsQuery query)
    {
        query.Response.SetEmpty(DnsResponseCode.NameError);
        query.Response.AddSynthesized(DnsSection.Authority, query.LowerName.Parent, DnsRecordType.SOA, DnsRecordClass.IN, 60, new byte[22]);
        return DnsOutcome.Replied;
    }

    public static DnsOutcome NoData(DnsQuery query)
    {
        query.Response.AddSynthesized(DnsSection.Authority, query.LowerName.Parent, DnsRecordType.SOA, DnsRecordClass.IN, 60, new byte[22]);
        return DnsOutcome.Replied;
    }

    public static DnsOutcome Referral(DnsQuery query)
    {
        query.Response.AddSynthesized(DnsSection.Authority, query.LowerName.Parent, DnsRecordType.NS, DnsRecordClass.IN, 60, [0]);
        return DnsOutcome.Replied;
    }

    /// <summary>Asks; R a reply, T a truncated one, - none.</summary>
    public char Ask(string client, string name = "www.example.org.", DnsTransport transport = DnsTransport.Udp, string cookie = "")
    {
        int length = _query.WriteQuestion(DnsName.Parse(name).View, DnsRecordType.A, DnsRecordClass.IN, 0, dnssecOk: true);
        if (cookie.Length > 0)
        {
            byte[] octets = Convert.FromHexString(cookie);
            byte[] option = [0, (byte)(4 + octets.Length), 0, 10, 0, (byte)octets.Length, .. octets];
            option.CopyTo(_query.ReceiveBuffer, length - 2);
            length += option.Length - 2;
        }

        Assert.Equal(QueryVerdict.Accept, _query.Begin(length, transport));
        return Ask(ClientAddress.From(new IPEndPoint(IPAddress.Parse(client), 4711)));
    }

    /// <summary>Asks what was asked before, from another address.</summary>
    public char Ask(ClientAddress client)
    {
        _query.Client = client;
        _query.ReceivedAt = Time.GetTimestamp();
        ValueTask<DnsOutcome> outcome = _handler.HandleAsync(_query);
        Assert.True(outcome.IsCompletedSuccessfully);
        return outcome.Result == DnsOutcome.Dropped ? '-' : (_query.Response.Flags & DnsResponseFlags.Truncated) != 0 ? 'T' : 'R';
    }

    public string Ask(int times, string client, string name = "www.example.org.", DnsTransport transport = DnsTransport.Udp, string cookie = "") =>
        string.Concat(Enumerable.Range(0, times).Select(_ => Ask(client, name, transport, cookie)));

    public double Limited(string kind, string action) => Services.Metrics.Snapshot()
        .Single(m => m.Name == "minidns_ratelimit_limited_total" && m.Labels.Any(l => l.Value == kind) && m.Labels.Any(l => l.Value == action)).Read();
}
