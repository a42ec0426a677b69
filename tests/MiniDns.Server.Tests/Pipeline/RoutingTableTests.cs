using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Pipeline;

public class RoutingTableTests
{
    private readonly DnsQuery _query = new(512, 512);

    [Theory]
    [InlineData("www.example.org.", "example.org.")]
    [InlineData("example.org.", "example.org.")]
    [InlineData("EXAMPLE.org.", "example.org.")]
    [InlineData("a.b.c.sub.example.org.", "sub.example.org.")]
    [InlineData("badexample.org.", "org.")]
    [InlineData("example.com.", null)]
    [InlineData(".", null)]
    public void The_longest_suffix_wins(string name, string? zone)
    {
        RoutingTable table = Table(("org.", Block(0)), ("sub.example.org.", Block(1)), ("example.org.", Block(2)));
        Assert.Equal(zone, Match(table, name));
    }

    [Fact]
    public void A_zone_alone_at_the_root_takes_everything()
    {
        RoutingTable table = Table((".", Block(0)));
        Assert.Equal(".", Match(table, "www.example.org."));
        Assert.Equal(".", Match(table, "org.", DnsRecordType.DS));
        Assert.Equal(".", Match(table, "."));
    }

    [Fact]
    public void No_zone_takes_nothing() => Assert.Null(Match(RoutingTable.Empty, "www.example.org."));

    [Theory]
    [InlineData("sub.example.org.", DnsRecordType.DS, "example.org.")]
    [InlineData("sub.example.org.", DnsRecordType.NS, "sub.example.org.")]
    [InlineData("sub.example.org.", DnsRecordType.DNSKEY, "sub.example.org.")]
    [InlineData("x.sub.example.org.", DnsRecordType.DS, "sub.example.org.")]
    [InlineData("example.org.", DnsRecordType.DS, "example.org.")]
    public void A_DS_query_goes_to_the_parent_side_RFC4035_3_1_4_1(string name, DnsRecordType type, string zone)
    {
        // There is no block above example.org: its own answers.
        RoutingTable table = Table(("example.org.", Block(0)), ("sub.example.org.", Block(1)));
        Assert.Equal(zone, Match(table, name, type));
    }

    [Fact]
    public void A_DS_query_goes_to_the_root_when_that_is_all_above() =>
        Assert.Equal(".", Match(Table((".", Block(0)), ("example.org.", Block(1))), "example.org.", DnsRecordType.DS));

    [Fact]
    public void A_DS_query_passes_a_parent_whose_view_does_not_take_it()
    {
        RoutingTable table = Table(("org.", Block(0, new View(false))), (".", Block(1)), ("example.org.", Block(2)));
        Assert.Equal(".", Match(table, "example.org.", DnsRecordType.DS));
        table = Table(("org.", Block(0, new View(false))), ("example.org.", Block(2)));
        Assert.Equal("example.org.", Match(table, "example.org.", DnsRecordType.DS));
    }

    [Fact]
    public void Views_are_asked_in_order_and_all_of_a_blocks_have_to_agree()
    {
        ServerBlock first = Block(0, new View(true), new View(false));
        ServerBlock second = Block(1, new View(true), new View(true));
        ServerBlock third = Block(2);
        Assert.Same(second, MatchBlock(Table(("example.", first), ("example.", second), ("example.", third)), "www.example."));
        Assert.Same(third, MatchBlock(Table(("example.", first), ("example.", third), ("example.", second)), "www.example."));
    }

    [Fact]
    public void A_query_that_no_view_takes_goes_on_to_a_shorter_zone()
    {
        ServerBlock root = Block(1);
        RoutingTable table = Table(("example.", Block(0, new View(false))), (".", root));
        Assert.Same(root, MatchBlock(table, "www.example."));
        Assert.Null(MatchBlock(Table((".", Block(0, new View(false)))), "www.example."));
    }

    [Fact]
    public void Other_classes_are_refused_unless_the_block_takes_them()
    {
        foreach (bool takes in (bool[])[false, true])
        {
            var info = new ServerBlockInfo(0, [DnsName.Root], ".") { TakesOtherClasses = takes };
            var block = new ServerBlock(info, EndOfChain.Instance, null, []);
            Begin("a.", DnsRecordType.A, DnsRecordClass.CH);
            ValueTask<DnsOutcome> outcome = block.HandleAsync(_query);
            Assert.Equal(takes ? DnsOutcome.Unclaimed : DnsOutcome.Replied, outcome.Result);
            Assert.Equal(takes ? Protocol.Messages.DnsResponseCode.NoError : Protocol.Messages.DnsResponseCode.Refused, _query.Response.Code);
        }
    }

    [Fact]
    public void A_block_without_handlers_refuses()
    {
        Begin("a.", DnsRecordType.A);
        Assert.Equal(DnsOutcome.Replied, new ServerBlock(new ServerBlockInfo(0, [], "."), null, null, []).HandleAsync(_query).Result);
        Assert.Equal(Protocol.Messages.DnsResponseCode.Refused, _query.Response.Code);
    }

    [Fact]
    public void Among_100000_zones_the_table_finds_what_a_scan_finds()
    {
        var random = new Random(4711);
        Dictionary<string, ServerBlock> zones = new(StringComparer.Ordinal);
        for (int i = 0; zones.Count < 100_000; i++)
        {
            zones.TryAdd(RandomName(random), Block(i, random.Next(10) == 0 ? [new View(random.Next(2) == 0)] : []));
        }

        RoutingTable table = new(zones.Select(z => new KeyValuePair<DnsName, ServerBlock>(DnsName.Parse(z.Key), z.Value)), new PlanUse());
        string[] known = [.. zones.Keys];
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            seed =>
            {
                var choice = new Random(seed);
                string name = choice.Next(3) switch
                {
                    0 => RandomName(choice),
                    1 => known[choice.Next(known.Length)],
                    _ => "x" + choice.Next(5).ToString(CultureInfo.InvariantCulture) + "." + known[choice.Next(known.Length)],
                };
                DnsRecordType type = choice.Next(3) == 0 ? DnsRecordType.DS : DnsRecordType.A;
                Begin(name, type);
                ServerBlock? expected = Naive(zones, name, type, out string? zone);
                Assert.Same(expected, table.Match(_query));
                if (expected is not null)
                {
                    Assert.Equal(zone, _query.Zone.ToString());
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    [Fact]
    public void Matching_allocates_nothing()
    {
        RoutingTable table = Table(("org.", Block(0)), ("example.org.", Block(1, new View(false))), (".", Block(2)));
        Begin("a.b.c.example.org.", DnsRecordType.A);
        AllocationAssert.None(() => table.Match(_query));
        Begin("example.org.", DnsRecordType.DS);
        AllocationAssert.None(() => table.Match(_query));
    }

    private static ServerBlock? Naive(Dictionary<string, ServerBlock> zones, string name, DnsRecordType type, out string? zone)
    {
        ServerBlock? child = null;
        zone = null;
        string? childZone = null;
        for (string suffix = name; ; suffix = suffix.Length == suffix.IndexOf('.') + 1 ? "." : suffix[(suffix.IndexOf('.') + 1)..])
        {
            if (zones.TryGetValue(suffix, out ServerBlock? block) && block.Matches(null!))
            {
                if (type == DnsRecordType.DS && suffix == name && suffix != ".")
                {
                    (child, childZone) = (block, suffix);
                }
                else
                {
                    zone = suffix;
                    return block;
                }
            }

            if (suffix == ".")
            {
                zone = childZone;
                return child;
            }
        }
    }

    private static string RandomName(Random random)
    {
        int labels = random.Next(1, 6);
        string name = "";
        for (int i = 0; i < labels; i++)
        {
            name += (i < labels - 2 ? random.Next(40) : random.Next(120)).ToString("x", CultureInfo.InvariantCulture) + ".";
        }

        return name;
    }

    private static RoutingTable Table(params (string Zone, ServerBlock Block)[] zones) =>
        new(zones.Select(z => new KeyValuePair<DnsName, ServerBlock>(DnsName.Parse(z.Zone), z.Block)), new PlanUse());

    private static ServerBlock Block(int index, params IViewFilter[] filters) => new(new ServerBlockInfo(index, [], "."), EndOfChain.Instance, null, filters);

    private string? Match(RoutingTable table, string name, DnsRecordType type = DnsRecordType.A)
    {
        Begin(name, type);
        return table.Match(_query) is null ? null : _query.Zone.ToString();
    }

    private ServerBlock? MatchBlock(RoutingTable table, string name)
    {
        Begin(name, DnsRecordType.A);
        return table.Match(_query);
    }

    private void Begin(string name, DnsRecordType type, DnsRecordClass @class = DnsRecordClass.IN)
    {
        int length = _query.WriteQuestion(DnsName.Parse(name).View, type, @class, 0, false);
        Assert.Equal(QueryVerdict.Accept, _query.Begin(length, DnsTransport.Udp));
    }

    private sealed class View(bool matches) : IViewFilter
    {
        public string ViewName => "";

        public bool Matches(DnsQuery query) => matches;
    }
}
