using BenchmarkDotNet.Attributes;
using MiniDns.Plugins.NameLists;
using MiniDns.Plugins.Ratelimit;
using MiniDns.Plugins.Rpz;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Zones;

namespace MiniDns.Benchmarks;

/// <summary>What it costs to count a client, to make and check its cookie, and to look for a name among a million that are blocked or that
/// a policy zone speaks of.</summary>
[MemoryDiagnoser]
public class PoliceBenchmarks
{
    private const int Mask = 65535;
    private const int NameLength = 20;

    private readonly RateTable _table = new(4 * 1024 * 1024, TimeProvider.System);
    private readonly RateRule _rule = RateRule.ForResponses(50, TimeSpan.FromSeconds(15))!;
    private readonly CookieJar _jar = new(TimeProvider.System);
    private readonly DnsQuery _query = new(512, 1232);
    private readonly byte[] _option = new byte[CookieJar.OptionLength];
    private readonly byte[] _blocked = new byte[(Mask + 1) * NameLength];
    private readonly byte[] _others = new byte[(Mask + 1) * NameLength];
    private ListStore _store = ListStore.Empty;
    private PolicyZone _policy = null!;
    private ulong _client;
    private long _now;
    private int _next;

    [GlobalSetup]
    public void SetUp()
    {
        var builder = new ListStoreBuilder();
        for (int i = 0; i < 1_000_000; i++)
        {
            builder.Add(Name("t", i).Wire, new ListMarks(1, 1));
        }

        _store = builder.Build();
        Console.WriteLine($"// {_store.Count} names take {_store.Octets} octets");
        var place = new ZonePlace("benchmark");
        var policy = new PolicyBuilder(DnsName.Parse("rpz."), new ZoneProblems());
        policy.Add(DnsName.Parse("rpz.").View, DnsRecordType.SOA, DnsRecordClass.IN, 60, new byte[22], place);
        for (int i = 0; i < 1_000_000; i++)
        {
            policy.Add(Name("t", i, "rpz.").View, DnsRecordType.CNAME, DnsRecordClass.IN, 60, [0], place);
        }

        _policy = policy.TryBuild(place)!;
        Console.WriteLine($"// {_policy.Count(PolicyTrigger.Qname)} rules take {_policy.Octets} octets");
        var random = new Random(8);
        for (int i = 0; i <= Mask; i++)
        {
            Name("t", random.Next(1_000_000)).Wire.CopyTo(_blocked.AsSpan(i * NameLength));
            Name("x", random.Next(1_000_000)).Wire.CopyTo(_others.AsSpan(i * NameLength));
        }

        int length = _query.WriteQuestion(DnsName.Parse("example.org.").View, DnsRecordType.A, DnsRecordClass.IN, 0, dnssecOk: true);
        byte[] cookie = [0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8];
        cookie.CopyTo(_query.ReceiveBuffer, length - 2);
        _query.Begin(length - 2 + cookie.Length, DnsTransport.Udp);
    }

    /// <summary>One client, far beyond its rate.</summary>
    [Benchmark]
    public bool CountOneClient() => _table.TryTake(_table.KeyOf(new ClientPrefix(7, false), ResponseClass.Responses, 7), _rule, _now++, out _);

    /// <summary>A million clients in turn, in a table with room for a quarter of them.</summary>
    [Benchmark]
    public bool CountAMillionClients()
    {
        _client = (_client + 7919) % 1_000_000;
        return _table.TryTake(_table.KeyOf(new ClientPrefix(_client, false), ResponseClass.Responses, 7), _rule, _now++, out _);
    }

    [Benchmark]
    public byte MakeCookie()
    {
        _jar.WriteOption(_query, _option);
        return _option[^1];
    }

    [Benchmark]
    public uint FindBlocked()
    {
        DnsNameView name = Next(_blocked);
        return _store.Find(name, name.Hash);
    }

    [Benchmark]
    public uint FindNothing()
    {
        DnsNameView name = Next(_others);
        return _store.Find(name, name.Hash);
    }

    [Benchmark]
    public bool FindRule()
    {
        DnsNameView name = Next(_blocked);
        return _policy.Find(PolicyTrigger.Qname, name, name.Hash, out _) is not null;
    }

    [Benchmark]
    public bool FindNoRule()
    {
        DnsNameView name = Next(_others);
        return _policy.Find(PolicyTrigger.Qname, name, name.Hash, out _) is not null;
    }

    /// <summary>The next of the names, which lie one behind the other: looking at them costs nothing beside looking for them.</summary>
    private DnsNameView Next(byte[] names) => new(names.AsSpan((_next++ & Mask) * NameLength, NameLength));

    private static DnsName Name(string first, int i, string origin = "") => DnsName.Parse($"{first}{i:d6}.ads{i % 1000:d3}.org.{origin}");
}
