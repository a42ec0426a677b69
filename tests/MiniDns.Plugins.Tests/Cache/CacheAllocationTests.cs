using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cache;

public class CacheAllocationTests
{
    [Theory]
    [InlineData("cache")]
    [InlineData("cache {\nprefetch 5\nserve_stale 1h verify 100ms 30s 30s\nserve_stale_policy prefer_positive\n}")]
    public void HitsAllocateNothing(string stanza)
    {
        foreach (Func<DnsQuery, DnsOutcome> answer in new Func<DnsQuery, DnsOutcome>[]
        {
            q => FakeSource.Address(q, 300),
            q => FakeSource.Deny(q, DnsResponseCode.NameError, 300, 300),
            q => FakeSource.Deny(q, DnsResponseCode.NoError, 300, 300),
            q => q.Reply(DnsResponseCode.ServerFailure),
        })
        {
            CacheBench bench = CacheBench.With(stanza, answer);
            foreach (bool dnssecOk in new[] { false, true })
            {
                bench.Ask("www.example.", dnssecOk: dnssecOk);
                int asked = bench.Source.Asked;
                bench.Begin("www.example.", dnssecOk: dnssecOk);
                AllocationAssert.None(() => bench.Harness.Chain.Run());
                Assert.Equal(asked, bench.Source.Asked);
            }
        }
    }

    [Fact]
    public void StaleHitsBetweenTriesAllocateNothing()
    {
        CacheBench bench = CacheBench.With("cache {\nserve_stale 1h immediate 30s 1m\n}", q => FakeSource.Address(q, 10));
        bench.Ask("www.example.");
        bench.Advance(10);
        bench.Source.Answer = q => q.Reply(DnsResponseCode.ServerFailure);
        bench.Ask("www.example.");
        bench.Begin("www.example.");
        AllocationAssert.None(() => bench.Harness.Chain.Run());
        Assert.Equal(2, bench.Source.Asked);
    }

    [Fact]
    public void MissesThatAreNotKeptAllocateNothing()
    {
        CacheBench bench = CacheBench.With("cache", q => q.Refuse());
        bench.Begin("www.example.", DnsRecordType.A);
        AllocationAssert.None(() => bench.Harness.Chain.Run());
        Assert.True(bench.Source.Asked > 100);
    }
}
