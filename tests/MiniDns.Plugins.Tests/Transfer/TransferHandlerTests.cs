using MiniDns.Plugins.Tests.Tsig;
using MiniDns.Plugins.Transfer;
using MiniDns.Plugins.Tsig;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Transfer;

public sealed class TransferHandlerTests
{
    private const string Everybody = "transfer example.org {\nto *\n}";

    [Fact]
    public async Task Rfc5936_2_2_A_zone_begins_and_ends_with_its_SOA()
    {
        FakeZone zone = Small();
        await using var bench = new TransferBench(Everybody, zone);
        List<ParsedMessage> messages = bench.Ask("EXAMPLE.org.", DnsRecordType.AXFR);
        ParsedMessage message = Assert.Single(messages);
        Assert.Equal(DnsResponseCode.NoError, message.Code);
        Assert.True(message.Header.IsAuthoritative);
        Assert.Equal(TransferBench.Answers([.. zone.Records, zone.SoaSet]), TransferBench.Answers(messages), StringComparer.OrdinalIgnoreCase);
        Assert.Contains(bench.Harness.Log.Lines, l => l.Contains("sent AXFR of zone example.org., serial 7, to 192.0.2.77:40000: 5 records in 1 messages", StringComparison.Ordinal));
        Assert.Null(bench.Query.Continuation);
    }

    [Fact]
    public async Task Rfc5936_2_2_A_large_zone_takes_many_messages_of_many_records()
    {
        FakeZone zone = Large();
        await using var bench = new TransferBench(Everybody, zone);
        List<ParsedMessage> messages = bench.Ask("example.org.", DnsRecordType.AXFR);
        Assert.InRange(messages.Count, 5, 50);
        Assert.All(messages, m => Assert.Equal(DnsResponseCode.NoError, m.Code));
        Assert.All(messages, m => Assert.True(m.Header.IsAuthoritative && !m.Header.IsTruncated));
        Assert.All(messages, m => Assert.NotEmpty(m.Records));
        Assert.Equal(TransferBench.Answers([.. zone.Records, zone.SoaSet]), TransferBench.Answers(messages));
    }

    [Theory]
    [InlineData(3000, 40)]
    [InlineData(700, 250)]
    [InlineData(5, 30_000)]
    [InlineData(3, 64_000)]
    public async Task An_RRset_that_no_message_holds_is_sent_in_parts(int records, int length)
    {
        var zone = new FakeZone("example.org.", 7, FakeZone.A("a.example.org.", 1), FakeZone.Txt("big.example.org.", records, length), FakeZone.A("z.example.org.", 1));
        await using var bench = new TransferBench(Everybody, zone);
        List<ParsedMessage> messages = bench.Ask("example.org.", DnsRecordType.AXFR);
        Assert.All(messages, m => Assert.True(!m.Header.IsTruncated && m.Records.Count > 0));
        Assert.Equal(TransferBench.Answers([.. zone.Records, zone.SoaSet]), TransferBench.Answers(messages));
    }

    [Fact]
    public async Task Rfc5936_2_2_A_record_that_no_message_holds_ends_the_transfer_with_an_error()
    {
        var zone = new FakeZone("example.org.", 7, FakeZone.Txt("a.example.org.", 1, 40_000), FakeZone.Txt("big.example.org.", 1, 65_500), FakeZone.A("z.example.org.", 1));
        await using var bench = new TransferBench(Everybody, zone);
        List<ParsedMessage> messages = bench.Ask("example.org.", DnsRecordType.AXFR);
        Assert.Equal(DnsResponseCode.ServerFailure, messages[^1].Code);
        Assert.Empty(messages[^1].Records);
        Assert.DoesNotContain(messages.Skip(1), m => m.Records.Exists(r => r.Type == DnsRecordType.SOA));
        Assert.Contains(bench.Harness.Log.Lines, l => l.StartsWith("[Error]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_transfer_shows_one_version_however_the_zone_changes_meanwhile()
    {
        FakeZone zone = Large();
        await using var bench = new TransferBench(Everybody, zone);
        List<ParsedMessage> messages = [bench.AskOnce("example.org.", DnsRecordType.AXFR)];
        bench.Zones.Set(new FakeZone("example.org.", 8));
        while (bench.Query.Continuation!.TryNext(bench.Query))
        {
            messages.Add(bench.Encode());
        }

        Assert.Equal(TransferBench.Answers([.. zone.Records, zone.SoaSet]), TransferBench.Answers(messages));
    }

    [Theory]
    [InlineData(7u)]
    [InlineData(8u)]
    [InlineData(0x8000_0006u)]
    public async Task Rfc1995_2_A_client_with_the_newest_version_gets_the_SOA_alone(uint serial)
    {
        FakeZone zone = Small();
        await using var bench = new TransferBench(Everybody, zone);
        Assert.Equal(TransferBench.Answers([zone.SoaSet]), TransferBench.Answers(bench.Ask("example.org.", DnsRecordType.IXFR, serial: serial)));
        Assert.Equal(TransferBench.Answers([zone.SoaSet]), TransferBench.Answers(bench.Ask("example.org.", DnsRecordType.IXFR, DnsTransport.Udp, serial)));
    }

    [Theory]
    [InlineData(DnsTransport.Tcp)]
    [InlineData(DnsTransport.Udp)]
    public async Task Rfc1995_4_Differences_stand_between_two_SOAs(DnsTransport transport)
    {
        RRset[] differences = [FakeZone.MakeSoa("example.org.", 5), FakeZone.A("old.example.org.", 1), FakeZone.MakeSoa("example.org.", 7), FakeZone.A("new.example.org.", 2)];
        FakeZone zone = Small().Since(5, differences);
        await using var bench = new TransferBench(Everybody, zone);
        Assert.Equal(
            TransferBench.Answers([zone.SoaSet, .. differences, zone.SoaSet]),
            TransferBench.Answers(bench.Ask("example.org.", DnsRecordType.IXFR, transport, 5)));
        Assert.Contains(bench.Harness.Log.Lines, l => l.Contains("sent IXFR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rfc1995_4_Unknown_differences_are_the_whole_zone()
    {
        FakeZone zone = Small();
        await using var bench = new TransferBench(Everybody, zone);
        Assert.Equal(
            TransferBench.Answers([.. zone.Records, zone.SoaSet]),
            TransferBench.Answers(bench.Ask("example.org.", DnsRecordType.IXFR, serial: 3)));
    }

    [Theory]
    [InlineData(10, 0, true)]
    [InlineData(10, 512, true)]
    [InlineData(30, 512, false)]
    [InlineData(30, 1232, true)]
    [InlineData(500, 4096, false)]
    public async Task Rfc1995_2_Over_UDP_differences_that_do_not_fit_are_the_SOA_alone(int added, int udpSize, bool fits)
    {
        RRset[] differences = [FakeZone.MakeSoa("example.org.", 5), FakeZone.MakeSoa("example.org.", 7), .. Enumerable.Range(0, added).Select(i => FakeZone.A($"{i}.example.org.", 1))];
        FakeZone zone = Small().Since(5, differences);
        await using var bench = new TransferBench(Everybody, zone);
        ParsedMessage reply = Assert.Single(bench.Ask("example.org.", DnsRecordType.IXFR, DnsTransport.Udp, 5, udpSize));
        Assert.False(reply.Header.IsTruncated);
        Assert.Equal(fits ? added + 4 : 1, reply.Records.Count);
    }

    [Fact]
    public async Task Over_UDP_unknown_differences_are_the_SOA_alone()
    {
        FakeZone zone = Small();
        await using var bench = new TransferBench(Everybody, zone);
        Assert.Equal(TransferBench.Answers([zone.SoaSet]), TransferBench.Answers(bench.Ask("example.org.", DnsRecordType.IXFR, DnsTransport.Udp, 3)));
    }

    [Theory]
    [InlineData(DnsRecordType.AXFR, DnsTransport.Udp)]
    [InlineData(DnsRecordType.AXFR, DnsTransport.Https)]
    [InlineData(DnsRecordType.IXFR, DnsTransport.Https)]
    [InlineData(DnsRecordType.AXFR, DnsTransport.Internal)]
    public async Task Rfc5936_4_2_There_are_no_transfers_without_a_stream(DnsRecordType type, DnsTransport transport)
    {
        await using var bench = new TransferBench(Everybody, Small());
        ParsedMessage reply = Assert.Single(bench.Ask("example.org.", type, transport, 3));
        Assert.Equal(DnsResponseCode.Refused, reply.Code);
        Assert.Empty(reply.Records);
    }

    [Fact]
    public async Task A_question_for_differences_without_SOA_is_malformed()
    {
        await using var bench = new TransferBench(Everybody, Small());
        Assert.Equal(DnsResponseCode.FormatError, Assert.Single(bench.Ask("example.org.", DnsRecordType.IXFR)).Code);
    }

    [Theory]
    [InlineData("to 192.0.2.77", true)]
    [InlineData("to 192.0.2.78", false)]
    [InlineData("to 192.0.2.1 192.0.2.77:5300", true)]
    [InlineData("to 192.0.2.1\nto 192.0.2.77", true)]
    [InlineData("to 2001:db8::1", false)]
    [InlineData("to ::192.0.2.77", false)]
    [InlineData("to 192.0.2.1 *", true)]
    public async Task Transfers_go_to_the_addresses_listed(string to, bool isAllowed)
    {
        await using var bench = new TransferBench($"transfer {{\n{to}\n}}", Small());
        DnsResponseCode expected = isAllowed ? DnsResponseCode.NoError : DnsResponseCode.Refused;
        Assert.Equal(expected, Assert.Single(bench.Ask("example.org.", DnsRecordType.AXFR)).Code);
        Assert.Equal(expected, Assert.Single(bench.Ask("example.org.", DnsRecordType.IXFR, DnsTransport.Udp, 7)).Code);
    }

    [Theory]
    [InlineData("to * key test.key", true, false, false)]
    [InlineData("to 127.0.0.1 key TEST.key", true, false, false)]
    [InlineData("to 192.0.2.78 key test.key", false, false, false)]
    [InlineData("to * key other.key", false, true, false)]
    [InlineData("to * key other.key\nto 127.0.0.1 key test.key", true, true, false)]
    [InlineData("to 192.0.2.78 key test.key\nto 127.0.0.1", true, true, true)]
    public async Task Rfc8945_A_key_in_the_directive_is_demanded(string to, bool hasTest, bool hasOther, bool hasNone)
    {
        await using PluginHarness harness = PluginHarness.Stanza(
            $"tsig {{\nsecret {SignedAsker.KeyName} {SignedAsker.Secret}\nsecret other.key {SignedAsker.Secret}\n}}\ntransfer {{\n{to}\n}}\nserved",
            previous: null,
            [new TsigPlugin(), new TransferPlugin(), Served()]);
        await harness.StartAsync();
        foreach ((string key, bool isAllowed) in new[] { (SignedAsker.KeyName, hasTest), ("other.key.", hasOther), ("", hasNone) })
        {
            bool isSigned = key.Length > 0;
            var asker = new SignedAsker(harness.Chain.Handler, harness.Time, isSigned ? key : SignedAsker.KeyName);
            byte[] reply = asker.Ask("example.org.", DnsRecordType.AXFR, isSigned, transport: DnsTransport.Tcp, client: "127.0.0.1");
            Assert.Equal(isAllowed ? DnsResponseCode.NoError : DnsResponseCode.Refused, SignedAsker.Code(reply));
            if (isSigned)
            {
                Assert.Equal(TsigStatus.Good, asker.Requester.Verify(reply));
            }
        }

        static ServedZonesPlugin Served()
        {
            var served = new ServedZonesPlugin();
            served.Publish(new RandomZone(1).Next());
            return served;
        }
    }

    [Theory]
    [InlineData("2001:db8::77", true)]
    [InlineData("::ffff:192.0.2.77", true)]
    [InlineData("2001:db8::78", false)]
    public async Task An_address_is_compared_as_a_number_not_as_text(string client, bool isAllowed)
    {
        await using var bench = new TransferBench("transfer {\nto 2001:0DB8:0::77 192.0.2.77\n}", Small()) { Client = client };
        Assert.Equal(isAllowed ? DnsResponseCode.NoError : DnsResponseCode.Refused, Assert.Single(bench.Ask("example.org.", DnsRecordType.AXFR)).Code);
    }

    [Fact]
    public async Task The_directive_with_the_longest_zone_decides()
    {
        await using var bench = new TransferBench(
            "transfer example.org {\nto 192.0.2.1\n}\ntransfer sub.example.org {\nto *\n}",
            Small(),
            new FakeZone("sub.example.org.", 1),
            new FakeZone("example.net.", 1));
        Assert.Equal(DnsResponseCode.Refused, Assert.Single(bench.Ask("example.org.", DnsRecordType.AXFR)).Code);
        Assert.Equal(DnsResponseCode.NoError, Assert.Single(bench.Ask("sub.example.org.", DnsRecordType.AXFR)).Code);

        // No directive: the rest of the chain decides, and nobody claims it.
        bench.AskOnce("example.net.", DnsRecordType.AXFR);
        Assert.Equal(DnsOutcome.Unclaimed, bench.Outcome);
    }

    [Theory]
    [InlineData("host.example.org.")]
    [InlineData("nobody.example.org.")]
    public async Task Rfc5936_2_2_1_A_name_that_is_not_an_apex_is_NOTAUTH(string name)
    {
        await using var bench = new TransferBench(Everybody, Small());
        Assert.Equal(DnsResponseCode.NotAuthoritative, Assert.Single(bench.Ask(name, DnsRecordType.AXFR)).Code);
    }

    [Fact]
    public async Task A_zone_without_data_fails()
    {
        await using var bench = new TransferBench(Everybody);
        bench.Zones.SetMissing("example.org.");
        Assert.Equal(DnsResponseCode.ServerFailure, Assert.Single(bench.Ask("example.org.", DnsRecordType.AXFR)).Code);
    }

    [Fact]
    public async Task Other_questions_go_to_the_next_plugin()
    {
        await using var bench = new TransferBench(Everybody + "\nwhoami", Small());
        Assert.Equal(DnsResponseCode.NoError, Assert.Single(bench.Ask("example.org.", DnsRecordType.SOA)).Code);
    }

    [Fact]
    public async Task So_many_transfers_are_under_way_and_no_more()
    {
        await using var bench = new TransferBench(Everybody, Large());
        List<IReplySequence> running = [];
        for (int i = 0; i < 64; i++)
        {
            Assert.Equal(DnsResponseCode.NoError, bench.AskOnce("example.org.", DnsRecordType.AXFR).Code);
            running.Add(bench.Query.Continuation!);
        }

        Assert.Equal(DnsResponseCode.ServerFailure, bench.AskOnce("example.org.", DnsRecordType.AXFR).Code);
        Assert.Null(bench.Query.Continuation);
        running[0].Dispose();
        running[0].Dispose();
        Assert.Contains(bench.Harness.Log.Lines, l => l.Contains("the connection is gone", StringComparison.Ordinal));
        Assert.Equal(DnsResponseCode.NoError, bench.AskOnce("example.org.", DnsRecordType.AXFR).Code);
        Assert.Equal(DnsResponseCode.ServerFailure, bench.AskOnce("example.org.", DnsRecordType.AXFR).Code);
    }

    private static FakeZone Small() => new("example.org.", 7, FakeZone.A("example.org.", 1), FakeZone.A("www.example.org.", 2, 3));

    private static FakeZone Large() => new("example.org.", 7, Enumerable.Range(0, 5000).Select(i => FakeZone.A($"host{i}.example.org.", 1, 2)));
}
