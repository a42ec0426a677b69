using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;
using MiniDns.Zones;

namespace MiniDns.Plugins.Tests.Transfer;

/// <summary>Zones that are kept as <c>file</c> keeps them, asked for as a secondary does.</summary>
public sealed class IncrementalTransferTests
{
    private const string Stanza = "transfer example.org {\nto *\n}";

    [Fact]
    public void Rfc1995_4_What_is_sent_makes_the_newest_version_of_any_earlier_one() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), SendAndApply).QuickCheckThrowOnFailure();

    [Fact]
    public async Task One_sequence_leads_from_any_known_version_to_the_newest()
    {
        await using var bench = await StartAsync();
        Zone[] versions = [.. Enumerable.Range(1, 5).Select(i => Make((uint)i, Enumerable.Range(0, 50).Append(100 + i)))];
        foreach (Zone version in versions)
        {
            bench.Served.Publish(version);
        }

        List<ParsedMessage.Record> answers = Records(bench.Ask(RandomZone.Origin, DnsRecordType.IXFR, serial: 2));
        Assert.Equal(
            ["SOA 5", "SOA 2", "A 102", "SOA 5", "A 105", "SOA 5"],
            answers.Select(r => r.Type == DnsRecordType.SOA ? $"SOA {SerialOf(r)}" : $"A {Convert.ToInt32(r.Rdata[6..], 16)}"));
    }

    [Fact]
    public async Task Changes_larger_than_the_zone_are_the_whole_zone()
    {
        await using var bench = await StartAsync();
        bench.Served.Publish(Make(1, Enumerable.Range(0, 50)));
        bench.Served.Publish(Make(2, Enumerable.Range(100, 100)));
        Assert.False(IsIncremental(bench, 1));
        bench.Served.Publish(Make(3, Enumerable.Range(100, 101)));
        Assert.True(IsIncremental(bench, 2));
        Assert.False(IsIncremental(bench, 1));
    }

    [Fact]
    public async Task Only_so_many_versions_are_known()
    {
        await using var bench = await StartAsync();
        for (int i = 1; i <= ZoneHistory.MaxVersions + 2; i++)
        {
            bench.Served.Publish(Make((uint)i, Enumerable.Range(0, 2000).Append(4000 + i)));
        }

        Assert.False(IsIncremental(bench, 1));
        Assert.True(IsIncremental(bench, 2));
        Assert.True(IsIncremental(bench, ZoneHistory.MaxVersions + 1));
    }

    [Theory]
    [InlineData(3u)]
    [InlineData(2u)]
    [InlineData(0x8000_0003u)]
    public async Task A_serial_that_does_not_grow_begins_the_history_anew(uint serial)
    {
        await using var bench = await StartAsync();
        bench.Served.Publish(Make(2, Enumerable.Range(0, 50)));
        bench.Served.Publish(Make(3, Enumerable.Range(1, 50)));
        Assert.True(IsIncremental(bench, 2));
        bench.Served.Publish(Make(serial, Enumerable.Range(2, 50)));
        bench.Served.Publish(Make(serial + 1, Enumerable.Range(3, 50)));
        if (serial == 3)
        {
            Assert.False(IsIncremental(bench, 2));
        }

        Assert.True(IsIncremental(bench, serial));
    }

    [Fact]
    public async Task Rfc1982_A_serial_may_wrap_around()
    {
        await using var bench = await StartAsync();
        bench.Served.Publish(Make(uint.MaxValue, Enumerable.Range(0, 50)));
        bench.Served.Publish(Make(0, Enumerable.Range(1, 50)));
        bench.Served.Publish(Make(1, Enumerable.Range(2, 50)));
        Assert.True(IsIncremental(bench, uint.MaxValue));
        Assert.True(IsIncremental(bench, 0));
        Assert.Single(Records(bench.Ask(RandomZone.Origin, DnsRecordType.IXFR, serial: 1)));
    }

    [Fact]
    public async Task A_new_configuration_goes_on_with_the_history()
    {
        await using var old = await StartAsync();
        old.Served.Publish(Make(1, Enumerable.Range(0, 50)));
        old.Served.Publish(Make(2, Enumerable.Range(1, 50)));
        await using var bench = new TransferBench(Stanza, old);

        // It reads the same zone again.
        bench.Served.Publish(Make(2, Enumerable.Range(1, 50)));
        await bench.Harness.StartAsync();
        Assert.True(IsIncremental(bench, 1));
        bench.Served.Publish(Make(3, Enumerable.Range(2, 50)));
        Assert.True(IsIncremental(bench, 1));
        Assert.True(IsIncremental(bench, 2));
    }

    [Fact]
    public async Task Zones_come_and_go()
    {
        await using var bench = await StartAsync();
        Assert.Equal(DnsResponseCode.NotAuthoritative, Assert.Single(bench.Ask(RandomZone.Origin, DnsRecordType.AXFR)).Code);
        bench.Served.Publish(Make(1, Enumerable.Range(0, 5)));
        Assert.Equal(DnsResponseCode.NoError, Assert.Single(bench.Ask(RandomZone.Origin, DnsRecordType.AXFR)).Code);
        bench.Served.Remove(DnsName.Parse(RandomZone.Origin));
        Assert.Equal(DnsResponseCode.NotAuthoritative, Assert.Single(bench.Ask(RandomZone.Origin, DnsRecordType.AXFR)).Code);
    }

    [Fact]
    public async Task A_zone_whose_data_expired_fails_and_comes_back()
    {
        await using var bench = await StartAsync();
        bench.Served.Publish(Make(1, Enumerable.Range(0, 5)));
        Assert.True(bench.Served.Zones.TryGet(DnsName.Parse(RandomZone.Origin), out ServedZone? zone));
        zone.Publish(null);
        Assert.Equal(DnsResponseCode.ServerFailure, Assert.Single(bench.Ask(RandomZone.Origin, DnsRecordType.AXFR)).Code);
        bench.Served.Publish(Make(2, Enumerable.Range(0, 6)));
        Assert.Equal(DnsResponseCode.NoError, Assert.Single(bench.Ask(RandomZone.Origin, DnsRecordType.AXFR)).Code);
    }

    private static async Task<TransferBench> StartAsync()
    {
        var bench = new TransferBench(Stanza);
        await bench.Harness.StartAsync();
        return bench;
    }

    private static void SendAndApply(int seed) => SendAndApplyAsync(seed).GetAwaiter().GetResult();

    private static async Task SendAndApplyAsync(int seed)
    {
        await using TransferBench bench = await StartAsync();
        var zone = new RandomZone(seed);
        Dictionary<uint, SortedSet<string>> versions = [];
        bool sawDifferences = false;
        for (int i = 0; i < 12; i++)
        {
            bench.Served.Publish(zone.Next());
            List<ParsedMessage.Record> whole = Records(bench.Ask(RandomZone.Origin, DnsRecordType.AXFR));
            Assert.Equal(Key(whole[0]), Key(whole[^1]));
            var newest = new SortedSet<string>(whole.Select(Key), StringComparer.Ordinal);
            Assert.Equal(whole.Count - 1, newest.Count);
            foreach ((uint serial, SortedSet<string> version) in versions)
            {
                foreach (DnsTransport transport in (DnsTransport[])[DnsTransport.Tcp, DnsTransport.Udp])
                {
                    List<ParsedMessage.Record> sent = Records(bench.Ask(RandomZone.Origin, DnsRecordType.IXFR, transport, serial, 4096));
                    sawDifferences |= sent.Count > 2 && sent[1].Type == DnsRecordType.SOA;
                    if (transport == DnsTransport.Tcp || sent.Count > 1)
                    {
                        Assert.Equal(newest, Apply(version, sent));
                    }
                }
            }

            versions[zone.Serial] = newest;
        }

        Assert.True(sawDifferences);
    }

    /// <summary>What a secondary does (RFC 1995 §4): records to take away have to be there, those to add must not.</summary>
    private static SortedSet<string> Apply(SortedSet<string> version, List<ParsedMessage.Record> sent)
    {
        if (sent[1].Type != DnsRecordType.SOA)
        {
            return new SortedSet<string>(sent.Select(Key), StringComparer.Ordinal);
        }

        var result = new SortedSet<string>(version, StringComparer.Ordinal);
        bool isAdding = true;
        foreach (ParsedMessage.Record record in sent.Skip(1).SkipLast(1))
        {
            isAdding = record.Type == DnsRecordType.SOA ? !isAdding : isAdding;
            Assert.True(isAdding ? result.Add(Key(record)) : result.Remove(Key(record)), $"{(isAdding ? "added" : "removed")} {Key(record)}");
        }

        Assert.Contains(Key(sent[0]), result);
        return result;
    }

    private static string Key(ParsedMessage.Record record) => $"{record.Owner} {record.Ttl} {record.Type} {record.Rdata}";

    private static List<ParsedMessage.Record> Records(List<ParsedMessage> messages)
    {
        Assert.All(messages, m => Assert.Equal(DnsResponseCode.NoError, m.Code));
        return [.. messages.SelectMany(m => m.In(DnsSection.Answer))];
    }

    private static uint SerialOf(ParsedMessage.Record soa) => Convert.ToUInt32(soa.Rdata[^40..^32], 16);

    private static bool IsIncremental(TransferBench bench, uint serial)
    {
        List<ParsedMessage.Record> sent = Records(bench.Ask(RandomZone.Origin, DnsRecordType.IXFR, serial: serial));
        Assert.True(sent.Count > 1);
        return sent[1].Type == DnsRecordType.SOA;
    }

    private static Zone Make(uint serial, IEnumerable<int> hosts)
    {
        var problems = new ZoneProblems();
        var builder = new ZoneBuilder(DnsName.Parse(RandomZone.Origin), problems);
        var place = new ZonePlace("test");
        builder.Add(DnsName.Parse(RandomZone.Origin).View, DnsRecordType.SOA, DnsRecordClass.IN, 300, FakeZone.MakeSoa(RandomZone.Origin, serial).View.First, place);
        builder.Add(DnsName.Parse(RandomZone.Origin).View, DnsRecordType.NS, DnsRecordClass.IN, 300, DnsName.Parse("ns.example.net.").Wire, place);
        foreach (int host in hosts)
        {
            builder.Add(DnsName.Parse($"h{host}.{RandomZone.Origin}").View, DnsRecordType.A, DnsRecordClass.IN, 300, [192, 0, (byte)(host >> 8), (byte)host], place);
        }

        return builder.TryBuild() ?? throw new InvalidOperationException(string.Join('\n', problems.Errors));
    }
}
