using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Cache;

public class CachePrefetchTests
{
    [Fact]
    public void PopularEntryIsAskedForBeforeItsEnd()
    {
        CacheBench bench = CacheBench.With("cache {\nprefetch 2\n}", q => FakeSource.Address(q, 100));
        bench.Ask("a.example.");
        bench.Advance(50);
        bench.Ask("a.example.");
        bench.Advance(39);
        Assert.Equal(11u, bench.Ask("a.example.").Ttl);
        Assert.Equal(1, bench.Source.Asked);
        bench.Advance(1);
        Assert.Equal(10u, bench.Ask("a.example.").Ttl);
        Assert.Equal(2, bench.Source.Asked);
        Assert.Equal(100u, bench.Ask("a.example.").Ttl);
        Assert.Equal(1, bench.Metric("prefetch_total"));
        Assert.Equal(4, bench.Metric("hits_total"));
        Assert.Equal(5, bench.Metric("requests_total"));

        // The uses so far count for the new entry too.
        bench.Advance(50);
        bench.Ask("a.example.");
        bench.Advance(45);
        bench.Ask("a.example.");
        Assert.Equal(3, bench.Source.Asked);
    }

    [Fact]
    public void GapStartsTheCountAnew()
    {
        CacheBench bench = CacheBench.With("cache {\nprefetch 2 10s\n}", q => FakeSource.Address(q, 100));
        bench.Ask("a.example.");
        bench.Ask("a.example.");
        bench.Advance(95);
        bench.Ask("a.example.");
        Assert.Equal(1, bench.Source.Asked);
        bench.Advance(1);
        bench.Ask("a.example.");
        Assert.Equal(2, bench.Source.Asked);
    }

    [Theory]
    [InlineData("prefetch 1 1m 50%", 100, 49, false)]
    [InlineData("prefetch 1 1m 50%", 100, 50, true)]
    [InlineData("prefetch 1", 5, 3, false)]
    [InlineData("prefetch 1", 5, 4, true)]
    [InlineData("prefetch 0", 5, 4, false)]
    [InlineData("", 5, 4, false)]
    public void ThresholdIsAPartOfTheLifetime(string property, uint ttl, int age, bool isPrefetched)
    {
        CacheBench bench = CacheBench.With("cache {\n" + property + "\n}", q => FakeSource.Address(q, ttl));
        bench.Ask("a.example.");
        bench.Advance(age);
        bench.Ask("a.example.");
        Assert.Equal(isPrefetched ? 2 : 1, bench.Source.Asked);
    }

    [Fact]
    public async Task EachEntryIsAskedForOnceAtATime()
    {
        CacheBench bench = CacheBench.With("cache {\nprefetch 1\n}", q => FakeSource.Address(q, 100));
        bench.Ask("a.example.");
        bench.Ask("a.example.", dnssecOk: true);
        bench.Advance(95);
        TaskCompletionSource gate = bench.Source.Gate = new();
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(5u, bench.Ask("a.example.").Ttl);
            Assert.Equal(5u, bench.Ask("a.example.", dnssecOk: true).Ttl);
        }

        Assert.Equal(4, bench.Source.Asked);
        bench.Source.Gate = null;
        gate.SetResult();
        await CacheStaleTests.UntilAsync(() => bench.Ask("a.example.").Ttl == 100 && bench.Ask("a.example.", dnssecOk: true).Ttl == 100);
        Assert.Equal(4, bench.Source.Asked);
    }

    [Fact]
    public void FailedPrefetchLeavesTheEntryAndWaitsASecond()
    {
        CacheBench bench = CacheBench.With("cache {\nprefetch 1\n}", q => FakeSource.Address(q, 100));
        bench.Ask("a.example.");
        bench.Advance(95);
        bench.Source.Answer = q => q.Fail(DnsResponseCode.ServerFailure, "no upstream");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(5u, bench.Ask("a.example.").Ttl);
        }

        Assert.Equal(2, bench.Source.Asked);
        Assert.Equal(0, bench.Metric("entries", "denial"));
        bench.Advance(1);
        bench.Ask("a.example.");
        Assert.Equal(3, bench.Source.Asked);
    }

    [Fact]
    public void PrefetchThatFindsNothingTakesTheAnswerAway()
    {
        CacheBench bench = CacheBench.With("cache {\nprefetch 1\n}", q => FakeSource.Address(q, 100));
        bench.Ask("a.example.");
        bench.Advance(95);
        bench.Source.Answer = q => FakeSource.Deny(q, DnsResponseCode.NameError, 60, 60);
        bench.Ask("a.example.");
        Assert.Equal(DnsResponseCode.NameError, bench.Ask("a.example.").Code);
    }
}
