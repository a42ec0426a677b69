using MiniDns.Plugins.Cache;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cache;

public class CacheHandlerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TtlCountsDownAndTheEntryEnds(bool wire)
    {
        CacheBench bench = CacheBench.With("cache", q => wire ? Wire(q) : FakeSource.Address(q, 100));
        Assert.Equal(100u, bench.Ask("www.example.").Ttl);
        bench.Advance(0.999);
        Assert.Equal(100u, bench.Ask("www.example.").Ttl);
        bench.Advance(0.001);
        Assert.Equal(99u, bench.Ask("www.example.").Ttl);
        bench.Advance(98);
        Assert.Equal(1u, bench.Ask("www.example.").Ttl);
        Assert.Equal(1, bench.Source.Asked);
        bench.Advance(1);
        Assert.Equal(100u, bench.Ask("www.example.").Ttl);
        Assert.Equal(2, bench.Source.Asked);

        static DnsOutcome Wire(DnsQuery query)
        {
            FakeSource.Address(query, 100);
            return FakeSource.AsWire(query);
        }
    }

    [Fact]
    public void AllRecordsHaveTheSmallestTtl()
    {
        CacheBench bench = CacheBench.With("cache", q =>
        {
            FakeSource.Address(q, 200);
            FakeSource.Add(q, DnsSection.Additional, "other.example.", DnsRecordType.A, 50, [192, 0, 2, 9]);
            return DnsOutcome.Replied;
        });
        Assert.Equal([50u, 50u], bench.Ask("www.example.").Ttls);
        bench.Advance(20);
        Assert.Equal([30u, 30u], bench.Ask("www.example.").Ttls);
    }

    [Theory]
    [InlineData("cache", 0, 5)]                                         // MINTTL is 5 by default
    [InlineData("cache", 100_000, 3600)]
    [InlineData("cache 10", 100, 10)]
    [InlineData("cache 3", 100, 3)]                                     // the most is stronger than the least
    [InlineData("cache {\nsuccess 2000 60\n}", 100, 60)]
    [InlineData("cache {\nsuccess 2000 60 30\n}", 1, 30)]
    [InlineData("cache 1800 {\nsuccess 2000 3600 300\n}", 299, 300)]
    [InlineData("cache {\nsuccess 2000 3600 0\n}", 299, 299)]
    [InlineData("cache", 0x8000_0001, 5)]                               // RFC 2181 §8
    public void PositiveTtlIsKeptWithinLimits(string stanza, uint ttl, uint expected)
    {
        CacheBench bench = CacheBench.With(stanza, q => FakeSource.Address(q, ttl));
        Assert.Equal(expected, bench.Ask("www.example.").Ttl);
        bench.Advance(expected - 1);
        Assert.Equal(1u, bench.Ask("www.example.").Ttl);
        bench.Advance(1);
        bench.Ask("www.example.");
        Assert.Equal(2, bench.Source.Asked);
    }

    [Fact]
    public void TtlZeroIsNotKeptWhenTheLeastIsZero()
    {
        CacheBench bench = CacheBench.With("cache {\nsuccess 1024 100 0\n}", q => FakeSource.Address(q, 0));
        Assert.Equal(0u, bench.Ask("www.example.").Ttl);
        bench.Ask("www.example.");
        Assert.Equal(2, bench.Source.Asked);
    }

    [Theory]
    [InlineData(DnsResponseCode.NameError, 900, 60, 60)]                // RFC 2308 §5: the smaller of TTL and MINIMUM
    [InlineData(DnsResponseCode.NameError, 40, 600, 40)]
    [InlineData(DnsResponseCode.NoError, 900, 60, 60)]
    [InlineData(DnsResponseCode.NoError, 100_000, 100_000, 1800)]
    [InlineData(DnsResponseCode.NoError, 1, 1, 5)]
    public void DenialsAreKeptAsLongAsTheirSoaSays(DnsResponseCode code, uint ttl, uint minimum, uint expected)
    {
        CacheBench bench = CacheBench.With("cache", q => FakeSource.Deny(q, code, ttl, minimum));
        Assert.Equal(expected, bench.Ask("none.example.").Ttl);
        bench.Advance(expected - 1);
        Reply reply = bench.Ask("none.example.");
        Assert.Equal((code, 1u), (reply.Code, reply.Ttl));
        Assert.Equal(1, bench.Source.Asked);
        Assert.Equal(1, bench.Metric("hits_total", "denial"));
        Assert.Equal(1, bench.Metric("entries", "denial"));
        Assert.Equal(0, bench.Metric("entries", "success"));
        bench.Advance(1);
        bench.Ask("none.example.");
        Assert.Equal(2, bench.Source.Asked);
    }

    [Fact]
    public void NameErrorIsKeptForTheAskedTypeOnly()
    {
        CacheBench bench = CacheBench.With("cache", q => FakeSource.Deny(q, DnsResponseCode.NameError, 60, 60));
        bench.Ask("none.example.");
        bench.Ask("none.example.", DnsRecordType.AAAA);
        Assert.Equal(2, bench.Source.Asked);
    }

    [Fact]
    public void EveryPartOfTheKeyCounts()
    {
        CacheBench bench = CacheBench.With("cache", q => FakeSource.Address(q, 300));
        const ushort Cd = DnsHeader.RecursionDesiredFlag | DnsHeader.CheckingDisabledFlag;
        for (int round = 0; round < 2; round++)
        {
            bench.Ask("a.example.");
            bench.Ask("b.example.");
            bench.Ask("a.example.", DnsRecordType.AAAA);
            bench.Ask("a.example.", dnssecOk: true);
            bench.Ask("a.example.", flags: Cd);
            bench.Ask("a.example.", dnssecOk: true, flags: Cd);
        }

        // AAAA got an A record: no answer, and no SOA that says how long; not kept.
        Assert.Equal(5 + 2, bench.Source.Asked);
        Assert.Equal(5, bench.Metric("hits_total", "success"));
        Assert.Equal(7, bench.Metric("misses_total"));
        Assert.Equal(12, bench.Metric("requests_total"));
        Assert.Equal(5, bench.Metric("entries"));
        Assert.True(bench.Metric("bytes") > 5 * 50);
    }

    [Fact]
    public void QuestionIsEchoedAsAsked()
    {
        CacheBench bench = CacheBench.With("cache", q => FakeSource.Address(q, 300));
        Assert.Equal("wWw.Example.", bench.Ask("wWw.Example.").Question);
        Assert.Equal("WWW.example.", bench.Ask("WWW.example.").Question);
        Assert.Equal(1, bench.Source.Asked);
    }

    [Fact]
    public void FlagsAreThoseOfTheResponse()
    {
        DnsResponseFlags flags = DnsResponseFlags.RecursionAvailable | DnsResponseFlags.AuthenticData;
        CacheBench bench = CacheBench.With("cache", q =>
        {
            q.Response.Flags = flags;
            return FakeSource.Address(q, 300);
        });
        for (int round = 0; round < 2; round++)
        {
            Reply reply = bench.Ask("a.example.");
            Assert.Equal(0x8180, reply.Header.Flags);           // AA stays clear, AD was not asked for (RFC 6840 §5.8)
            Assert.Equal(0x81A0, bench.Ask("a.example.", flags: 0x0120).Header.Flags);
            Assert.Equal(0x81A0, bench.Ask("a.example.", dnssecOk: true).Header.Flags);
        }

        flags = DnsResponseFlags.Authoritative;
        bench.Ask("b.example.");
        Assert.True(bench.Ask("b.example.").Header.IsAuthoritative);
        Assert.Equal(3, bench.Source.Asked);
    }

    [Theory]
    [InlineData("cache", 5)]
    [InlineData("cache {\nservfail 20s\n}", 20)]
    public void FailuresAreKeptForAWhile(string stanza, int seconds)
    {
        CacheBench bench = CacheBench.With(stanza, q => q.Fail(DnsResponseCode.ServerFailure, "no upstream"));
        bench.Ask("a.example.");
        bench.Advance(seconds - 1);
        Reply reply = bench.Ask("a.example.", flags: DnsHeader.RecursionDesiredFlag);
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
        Assert.Null(reply.ExtendedError);
        Assert.Equal(1, bench.Source.Asked);
        bench.Advance(1);
        bench.Ask("a.example.");
        Assert.Equal(2, bench.Source.Asked);
    }

    [Fact]
    public void CachedFailureSaysSo()
    {
        CacheBench bench = CacheBench.With("cache", q => q.Reply(DnsResponseCode.NotImplemented));
        Assert.Null(bench.Ask("a.example.", dnssecOk: true).ExtendedError);
        Assert.Equal((ushort)13, bench.Ask("a.example.", dnssecOk: true).ExtendedError);
    }

    [Fact]
    public void FailuresAreNotKeptWithZero()
    {
        CacheBench bench = CacheBench.With("cache {\nservfail 0\n}", q => q.Reply(DnsResponseCode.ServerFailure));
        bench.Ask("a.example.");
        bench.Ask("a.example.");
        Assert.Equal(2, bench.Source.Asked);
    }

    [Fact]
    public void WhatMustNotBeKeptIsNot()
    {
        var answers = new Func<DnsQuery, DnsOutcome>[]
        {
            q => q.Refuse(),
            q => q.Reply(DnsResponseCode.FormatError),
            q => q.Reply(DnsResponseCode.BadVersion),
            q => q.Reply(DnsResponseCode.NameError),                // no SOA (RFC 2308 §5)
            q =>
            {
                FakeSource.Address(q, 300);
                q.Response.Flags = DnsResponseFlags.Truncated;
                return DnsOutcome.Replied;
            },
            q =>
            {
                FakeSource.AddCname(q, "a.example.", "b.example.");     // ends without an address and without a SOA
                return DnsOutcome.Replied;
            },
            _ => DnsOutcome.Unclaimed,
            _ => DnsOutcome.Dropped,
        };
        foreach (Func<DnsQuery, DnsOutcome> answer in answers)
        {
            CacheBench bench = CacheBench.With("cache", answer);
            for (int i = 1; i <= 2; i++)
            {
                bench.Begin("a.example.");
                bench.Harness.Chain.Run();
                Assert.Equal(i, bench.Source.Asked);
            }

            Assert.Equal(0, bench.Metric("entries"));
        }
    }

    [Theory]
    [InlineData(DnsRecordType.AXFR)]
    [InlineData(DnsRecordType.IXFR)]
    public void TransfersPassBy(DnsRecordType type)
    {
        CacheBench bench = CacheBench.With("cache", q => FakeSource.Address(q, 300));
        bench.Ask("a.example.", type);
        bench.Ask("a.example.", type);
        Assert.Equal(2, bench.Source.Asked);
        Assert.Equal(0, bench.Metric("requests_total"));
    }

    [Fact]
    public void ResponseToAnotherNameIsDropped()
    {
        CacheBench bench = CacheBench.With("cache", q =>
        {
            FakeSource.Address(q, 300);
            byte[] message = new byte[512];
            ResponseEncoder.TryEncodeForKeeping(q, message, out int length);
            message[13] = (byte)'x';
            Assert.True(q.Response.SetWire(message.AsSpan(0, length)));
            return DnsOutcome.Replied;
        });
        bench.Ask("a.example.");
        bench.Ask("a.example.");
        Assert.Equal(2, bench.Source.Asked);
        Assert.Equal(2, bench.Metric("drops_total"));
    }

    [Fact]
    public void OnlyListedZonesAreCached()
    {
        CacheBench bench = CacheBench.With("cache example.org 10.0.0.0/8", q => q.LowerName.ToString().EndsWith("arpa.", StringComparison.Ordinal) ? FakeSource.Deny(q, DnsResponseCode.NoError, 60, 60) : FakeSource.Address(q, 300));
        foreach (string name in new[] { "www.example.org.", "example.org.", "1.0.0.10.in-addr.arpa.", "www.example.com.", "xexample.org." })
        {
            bench.Ask(name);
            bench.Ask(name);
        }

        Assert.Equal(3 + (2 * 2), bench.Source.Asked);
        Assert.Equal(6, bench.Metric("requests_total"));
    }

    [Theory]
    [InlineData("disable success sub.example", 3, 2)]
    [InlineData("disable denial sub.example", 2, 3)]
    [InlineData("disable success", 4, 2)]
    [InlineData("disable denial", 2, 4)]
    [InlineData("disable success sub.example\ndisable denial sub.example", 3, 3)]
    public void DisabledZonesAreNotKept(string property, int positives, int denials)
    {
        CacheBench bench = new("cache {\n" + property + "\n}");
        foreach (string name in new[] { "www.sub.example.", "www.example." })
        {
            bench.Source.Answer = q => FakeSource.Address(q, 300);
            bench.Ask(name);
            bench.Ask(name);
        }

        Assert.Equal(positives, bench.Source.Asked);
        foreach (string name in new[] { "none.sub.example.", "none.example." })
        {
            bench.Source.Answer = q => FakeSource.Deny(q, DnsResponseCode.NameError, 60, 60);
            bench.Ask(name);
            bench.Ask(name);
        }

        Assert.Equal(positives + denials, bench.Source.Asked);
    }

    [Fact]
    public void KeepTtlDoesNotAge()
    {
        CacheBench bench = CacheBench.With("cache 60 {\nkeepttl\n}", q => FakeSource.Address(q, 300));
        Assert.Equal(60u, bench.Ask("a.example.").Ttl);
        bench.Advance(59);
        Assert.Equal(60u, bench.Ask("a.example.").Ttl);
        Assert.Equal(1, bench.Source.Asked);
        bench.Advance(1);
        bench.Ask("a.example.");
        Assert.Equal(2, bench.Source.Asked);
    }

    [Fact]
    public void GoodAnswerIsBetterThanAFailure()
    {
        CacheBench bench = CacheBench.With("cache {\nservfail 1m\n}", q => q.Reply(DnsResponseCode.ServerFailure));
        bench.Ask("a.example.");
        bench.Advance(60);
        bench.Source.Answer = q => FakeSource.Address(q, 100);
        bench.Ask("a.example.");
        Assert.Equal(DnsResponseCode.NoError, bench.Ask("a.example.").Code);
        Assert.Equal(0, bench.Metric("entries", "denial"));
    }

    [Fact]
    public void DenialTakesThePlaceOfAnAnswer()
    {
        CacheBench bench = CacheBench.With("cache", q => FakeSource.Address(q, 10));
        bench.Ask("a.example.");
        bench.Advance(10);
        bench.Source.Answer = q => FakeSource.Deny(q, DnsResponseCode.NameError, 60, 60);
        bench.Ask("a.example.");
        Assert.Equal(0, bench.Metric("entries", "success"));
        bench.Advance(60);
        bench.Source.Answer = q => FakeSource.Address(q, 10);
        bench.Ask("a.example.");
        Assert.Equal(0, bench.Metric("entries", "denial"));
    }

    [Fact]
    public void LargeAnswerIsCutToTheClientsSize()
    {
        CacheBench bench = CacheBench.With("cache", q =>
        {
            for (byte i = 0; i < 100; i++)
            {
                FakeSource.Add(q, DnsSection.Answer, "a.example.", DnsRecordType.A, 300, [192, 0, 2, i]);
            }

            return DnsOutcome.Replied;
        });
        for (int round = 0; round < 2; round++)
        {
            Assert.True(bench.Ask("a.example.").Header.IsTruncated);
            Assert.Equal(100, bench.Ask("a.example.", dnssecOk: true).Answers);
        }

        Assert.Equal(2, bench.Source.Asked);
    }

    /// <summary>Whoever changes an address in the Corefile wants to see it now, not when a TTL has run out.</summary>
    [Theory]
    [InlineData("log\nacl {\n allow net *\n}\nhosts   {\n \"192.0.2.1\" a.example # the same\n}\ncache", "192.0.2.1", 290)]
    [InlineData("cache\nhosts {\n192.0.2.2 a.example\n}", "192.0.2.2", 300)]
    [InlineData("cache\nhosts {\n192.0.2.1 a.example\n}\nwhoami", "192.0.2.1", 300)]
    [InlineData("cache\nroot /\nhosts {\n192.0.2.1 a.example\n}", "192.0.2.1", 300)]
    [InlineData("cache\ntemplate IN A {\nanswer \"a.example. 300 IN A 192.0.2.3\"\n}\nhosts {\n192.0.2.1 a.example\n}", "192.0.2.3", 300)]
    [InlineData("order hosts cache\ncache\nhosts {\n192.0.2.1 a.example\n}", "192.0.2.1", 300)]
    public async Task Content_outlives_a_reload_that_leaves_the_directives_behind_it_as_they_were(string after, string address, uint ttl)
    {
        const string Ttl = "\nhosts {\nttl 300\n192.0.2.1 a.example\n}";
        PluginHarness before = PluginHarness.Stanza("cache" + Ttl);
        Assert.Equal(300u, Reply.Read((await before.Chain.AskAsync("a.example.", DnsRecordType.A)).Span).Ttl);
        before.Time.Advance(TimeSpan.FromSeconds(10));
        PluginHarness reloaded = PluginHarness.Stanza(after.Replace("{\n192", "{\nttl 300\n192", StringComparison.Ordinal).Replace("{\n \"192", "{\n ttl 300\n \"192", StringComparison.Ordinal), before);
        Assert.True(reloaded.IsAccepted, reloaded.Errors);
        var reply = Reply.Read((await reloaded.Chain.AskAsync("a.example.", DnsRecordType.A)).Span);
        Assert.Equal((address, ttl), (reply.Address, reply.Ttl));
    }

    [Theory]
    [InlineData("forward . 127.0.0.1:1", true)]
    [InlineData("forward . 127.0.0.1:2 127.0.0.1:3", true)]
    [InlineData("forward example.org 127.0.0.1:1", false)]
    [InlineData("forward . 127.0.0.1:1 {\nexcept a.example\n}", false)]
    [InlineData("forward . 127.0.0.1:1\nwhoami", false)]
    public void Other_upstreams_leave_the_content_and_other_names_to_ask_them_for_do_not(string after, bool isKept)
    {
        PluginHarness before = PluginHarness.Stanza("cache\nforward . 127.0.0.1:1");
        PluginHarness reloaded = PluginHarness.Stanza("cache\n" + after, before);
        Assert.True(reloaded.IsAccepted, reloaded.Errors);
        Assert.Equal(isKept, ReferenceEquals(before.Provided<CacheStore>(), reloaded.Provided<CacheStore>()));
    }

    [Fact]
    public void ContentOutlivesAReload()
    {
        CacheBench first = CacheBench.With("cache", q => FakeSource.Address(q, 300));
        first.Ask("a.example.");
        var same = new CacheBench("cache", first);
        first.Advance(10);
        Assert.Equal(290u, same.Ask("a.example.").Ttl);
        Assert.Equal(1, same.Source.Asked);
        Assert.Equal(1, same.Metric("entries"));

        var other = new CacheBench("cache 60", same);
        Assert.Equal(60u, other.Ask("a.example.").Ttl);
        Assert.Equal(2, other.Source.Asked);
    }

    [Theory]
    [InlineData("cache")]
    [InlineData("cache {\nserve_stale 1h verify\n}")]
    [InlineData("cache {\nserve_stale 1h verify 10s\n}")]
    public void QuestionChangedBeforeTheCacheIsKeptUnderItsNewName(string stanza)
    {
        var source = new FakeSource();
        Testing.PluginHarness harness = Testing.PluginHarness.Stanza("rename\n" + stanza + "\nsource", plugins: [new Renamer(), new Plugins.Cache.CachePlugin(), source]);
        foreach (bool wire in new[] { false, true })
        {
            // An upstream that is asked about a changed question gives records, not the octets of a message.
            source.Answer = q => FakeSource.Address(q, 100) is var outcome && wire && q.AskedName.Equals(q.LowerName) ? FakeSource.AsWire(q) : outcome;
            int asked = source.Asked;
            foreach (string name in new[] { "Alias.example.", "a-much-longer-name.example.", "alias.EXAMPLE." })
            {
                Reply reply = Reply.Read(harness.Chain.Ask(name, DnsRecordType.A).Span);
                Assert.Equal((name, 100u, "192.0.2.1"), (reply.Question, reply.Ttl, reply.Address));
                var reader = new DnsReader(harness.Chain.Query.SendBuffer, harness.Chain.Query.QuestionEnd);
                byte[] owner = new byte[255];
                Assert.True(reader.TryReadName(owner, out int length));
                Assert.Equal("target.example.", new Protocol.Names.DnsNameView(owner.AsSpan(0, length)).ToString(), ignoreCase: true);
            }

            Assert.Equal("target.example.", Reply.Read(harness.Chain.Ask("target.example.", DnsRecordType.A).Span).Question);
            Assert.Equal(asked + 1, source.Asked);
            harness.Time.Advance(TimeSpan.FromSeconds(100));
        }
    }

    [Fact]
    public void QuestionChangedForGoodBehindTheCacheIsNotKept()
    {
        CacheBench bench = CacheBench.With("cache", q =>
        {
            q.SetQuestion(Protocol.Names.DnsName.Parse("other.example.").View, DnsRecordType.A);
            return FakeSource.Address(q, 300);
        });
        bench.Ask("a.example.");
        bench.Ask("a.example.");
        Assert.Equal(2, bench.Source.Asked);
        Assert.Equal(0, bench.Metric("entries"));
    }

    /// <summary>A plugin before cache that asks for target.example. whatever is asked, and changes the question back.</summary>
    private sealed class Renamer : IDnsPlugin
    {
        private static readonly Protocol.Names.DnsName Target = Protocol.Names.DnsName.Parse("target.example.");

        public string Name => "rename";

        public void Setup(PluginSetup setup) => setup.Use(next => new Handler(next));

        private sealed class Handler(IDnsHandler next) : WrappingHandler(next)
        {
            protected override DnsOutcome? Before(DnsQuery query)
            {
                query.SetQuestion(Target.View, query.Type);
                return null;
            }

            protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
            {
                query.SetQuestion(query.AskedName, query.Type);
                return outcome;
            }
        }
    }
}
