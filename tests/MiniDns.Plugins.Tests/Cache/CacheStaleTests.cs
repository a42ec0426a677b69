using MiniDns.Plugins.Cache;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>serve_stale and serve_stale_policy (RFC 8767).</summary>
public class CacheStaleTests
{
    private static DnsOutcome Fails(DnsQuery query) => query.Fail(DnsResponseCode.ServerFailure, "no upstream");

    /// <summary>A cache whose entry for a.example. has expired a moment ago.</summary>
    private static CacheBench Expired(string properties, Func<DnsQuery, DnsOutcome>? answer = null)
    {
        CacheBench bench = CacheBench.With("cache {\n" + properties + "\n}", answer ?? (q => FakeSource.Address(q, 10)));
        bench.Ask("a.example.");
        bench.Ask("a.example.", dnssecOk: true);
        bench.Advance(10);
        return bench;
    }

    [Fact]
    public void ImmediateServesThenRefreshes()
    {
        CacheBench bench = Expired("serve_stale");
        Reply reply = bench.Ask("a.example.", dnssecOk: true);
        Assert.Equal((0u, (ushort)3), (reply.Ttl, reply.ExtendedError));
        Assert.Equal(3, bench.Source.Asked);
        Assert.Equal(10u, bench.Ask("a.example.", dnssecOk: true).Ttl);
        Assert.Equal(0u, bench.Ask("a.example.").Ttl);
        Assert.Equal(2, bench.Metric("served_stale_total"));
        Assert.Equal(2, bench.Metric("prefetch_total"));
        Assert.Equal(3, bench.Metric("hits_total"));
        Assert.Equal(5, bench.Metric("requests_total"));
    }

    [Fact]
    public void StaleNameErrorSaysSo()
    {
        CacheBench bench = Expired("serve_stale", q => FakeSource.Deny(q, DnsResponseCode.NameError, 10, 10));
        bench.Source.Answer = Fails;
        Reply reply = bench.Ask("a.example.", dnssecOk: true);
        Assert.Equal((DnsResponseCode.NameError, (ushort)19), (reply.Code, reply.ExtendedError));
    }

    [Theory]
    [InlineData("serve_stale", 3599, true)]
    [InlineData("serve_stale", 3600, false)]
    [InlineData("serve_stale 30s", 29, true)]
    [InlineData("serve_stale 30s", 30, false)]
    [InlineData("serve_stale 0", 0, false)]
    public void StaleHasAnEnd(string property, int secondsAfter, bool isServed)
    {
        CacheBench bench = Expired(property);
        bench.Source.Answer = Fails;
        bench.Advance(secondsAfter);
        Assert.Equal(isServed ? DnsResponseCode.NoError : DnsResponseCode.ServerFailure, bench.Ask("a.example.").Code);
    }

    [Theory]
    [InlineData("serve_stale 1h immediate 30s")]
    [InlineData("serve_stale 1h verify 0 30s")]
    [InlineData("serve_stale 1h verify 100ms 30s")]
    [InlineData("serve_stale 1h verify 100ms 30s\nkeepttl")]
    public void StaleTtlIsAsConfigured(string property)
    {
        CacheBench bench = Expired(property);
        bench.Source.Answer = Fails;
        Assert.Equal(30u, bench.Ask("a.example.").Ttl);
    }

    [Fact]
    public void FailuresAreNeverServedStale()
    {
        CacheBench bench = CacheBench.With("cache {\nserve_stale\n}", Fails);
        bench.Ask("a.example.");
        bench.Advance(5);
        bench.Source.Answer = q => FakeSource.Address(q, 10);
        Assert.Equal(DnsResponseCode.NoError, bench.Ask("a.example.").Code);
    }

    [Fact]
    public void FailedRefreshLeavesTheEntry()
    {
        CacheBench bench = Expired("serve_stale");
        foreach (Func<DnsQuery, DnsOutcome> failure in new Func<DnsQuery, DnsOutcome>[]
        {
            Fails,
            q => q.Refuse(),
            _ => DnsOutcome.Dropped,
            _ => DnsOutcome.Unclaimed,
            _ => throw new InvalidOperationException("a bug in a plugin"),
        })
        {
            bench.Source.Answer = failure;
            int asked = bench.Source.Asked;
            Assert.Equal((DnsResponseCode.NoError, 0u), (bench.Ask("a.example.").Code, bench.Ask("a.example.").Ttl));
            Assert.Equal(asked + 2, bench.Source.Asked);
        }

        Assert.Equal(0, bench.Metric("entries", "denial"));
        bench.Source.Answer = q => FakeSource.Deny(q, DnsResponseCode.NameError, 60, 60);
        bench.Ask("a.example.");
        Assert.Equal(DnsResponseCode.NameError, bench.Ask("a.example.").Code);
    }

    [Theory]
    [InlineData("serve_stale 1h immediate 0 30s")]
    [InlineData("serve_stale 1h verify 0 0 30s")]
    [InlineData("serve_stale 1h verify 10s 0 30s")]
    public void FailureIsTriedAgainAfterAPause(string property)
    {
        CacheBench bench = Expired(property);
        bench.Source.Answer = Fails;
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(0u, bench.Ask("a.example.").Ttl);
        }

        Assert.Equal(3, bench.Source.Asked);
        bench.Advance(29);
        bench.Ask("a.example.");
        Assert.Equal(3, bench.Source.Asked);
        bench.Advance(1);
        bench.Ask("a.example.");
        Assert.Equal(4, bench.Source.Asked);
    }

    [Fact]
    public async Task ImmediateAsksOnceAtATime()
    {
        CacheBench bench = Expired("serve_stale");
        TaskCompletionSource gate = bench.Source.Gate = new();
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(0u, bench.Ask("a.example.").Ttl);
        }

        Assert.Equal(3, bench.Source.Asked);
        bench.Source.Gate = null;
        gate.SetResult();
        await UntilAsync(() => bench.Ask("a.example.").Ttl == 10);
        Assert.Equal(3, bench.Source.Asked);
    }

    [Theory]
    [InlineData("serve_stale 1h verify")]
    [InlineData("serve_stale 1h VERIFY 10s")]
    [InlineData("serve_stale 1h verify 10s 30s 30s")]
    public void VerifyAsksFirst(string property)
    {
        CacheBench bench = Expired(property);
        bench.Source.Answer = q => FakeSource.Address(q, 77, "192.0.2.77");
        Reply reply = bench.Ask("a.example.");
        Assert.Equal((77u, "192.0.2.77"), (reply.Ttl, reply.Address));
        Assert.Equal(77u, bench.Ask("a.example.").Ttl);
        Assert.Equal(3, bench.Source.Asked);
        Assert.Equal(0, bench.Metric("served_stale_total"));
        bench.Advance(77);
        bench.Source.Answer = Fails;
        reply = bench.Ask("a.example.");
        Assert.Equal((DnsResponseCode.NoError, "192.0.2.77"), (reply.Code, reply.Address));
        Assert.Null(bench.Harness.Chain.Query.Failure);
        Assert.Equal(1, bench.Metric("served_stale_total"));
        bench.Advance(30);
        bench.Source.Answer = q => FakeSource.Deny(q, DnsResponseCode.NameError, 60, 60);
        Assert.Equal(DnsResponseCode.NameError, bench.Ask("a.example.").Code);
        Assert.Equal(DnsResponseCode.NameError, bench.Ask("a.example.").Code);
        Assert.Equal(0, bench.Metric("entries", "success") - 1);       // the entry of the query with DO
    }

    [Fact]
    public async Task VerifyGivesUpAfterTheTimeoutAndKeepsWhatComesLater()
    {
        CacheBench bench = Expired("serve_stale 1h verify 100ms");
        TaskCompletionSource gate = bench.Source.Gate = new();
        Task<Reply> asking = bench.AskAsync("a.example.");
        bench.Advance(0.099);
        Assert.False(asking.IsCompleted);
        bench.Advance(0.001);
        Assert.Equal(0u, (await asking).Ttl);
        bench.Source.Gate = null;
        bench.Source.Answer = q => FakeSource.Address(q, 50);
        gate.SetResult();
        await UntilAsync(() => bench.Ask("a.example.").Ttl == 50);
    }

    [Fact]
    public async Task VerifyWithinTheTimeoutAnswersWithWhatCame()
    {
        CacheBench bench = Expired("serve_stale 1h verify 100ms");
        TaskCompletionSource gate = bench.Source.Gate = new();
        Task<Reply> asking = bench.AskAsync("a.example.");
        bench.Source.Answer = q => FakeSource.Address(q, 50);
        gate.SetResult();
        Assert.Equal(50u, (await asking).Ttl);
    }

    [Fact]
    public void RefreshesAreBounded()
    {
        CacheBench bench = CacheBench.With("cache {\nserve_stale\n}", q => FakeSource.Address(q, 5));
        const int More = CacheRefresher.Limit + 10;
        for (int i = 0; i < More; i++)
        {
            bench.Ask($"n{i}.example.");
        }

        bench.Advance(5);
        bench.Source.Gate = new();
        for (int i = 0; i < More; i++)
        {
            Assert.Equal(0u, bench.Ask($"n{i}.example.").Ttl);
        }

        Assert.Equal(More + CacheRefresher.Limit, bench.Source.Asked);
        Assert.Equal(10, bench.Metric("refreshes_skipped_total"));
        bench.Source.Gate.SetResult();
    }

    [Fact]
    public void WithoutThePolicyADenialWins()
    {
        CacheBench bench = Expired("serve_stale");
        bench.Source.Answer = q => FakeSource.Deny(q, DnsResponseCode.NameError, 60, 60);
        bench.Ask("a.example.");
        Assert.Equal(DnsResponseCode.NameError, bench.Ask("a.example.").Code);
    }

    [Theory]
    [InlineData(DnsResponseCode.NameError)]
    [InlineData(DnsResponseCode.NoError)]
    public void PreferPositiveKeepsTheAnswer(DnsResponseCode code)
    {
        CacheBench bench = Expired("serve_stale 1m\nserve_stale_policy prefer_positive");
        bench.Source.Answer = q => FakeSource.Deny(q, code, 600, 600);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal((DnsResponseCode.NoError, "192.0.2.1"), (bench.Ask("a.example.").Code, bench.Ask("a.example.").Address));
        }

        bench.Advance(60);
        Reply reply = bench.Ask("a.example.");
        Assert.Equal((code, 0), (reply.Code, reply.Answers));
    }

    [Fact]
    public void PreferPositiveOutlivesAnEmptyResponse()
    {
        CacheBench bench = Expired("serve_stale 1m\nserve_stale_policy prefer_positive");
        bench.Source.Answer = q => q.Reply(DnsResponseCode.NoError);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("192.0.2.1", bench.Ask("a.example.").Address);
        }

        bench.Source.Answer = q => FakeSource.Address(q, 20, "192.0.2.2");
        bench.Ask("a.example.");
        Assert.Equal((20u, "192.0.2.2"), (bench.Ask("a.example.").Ttl, bench.Ask("a.example.").Address));
    }

    [Theory]
    [InlineData("serve_stale 1m verify")]
    [InlineData("serve_stale 1m verify 10s")]
    public void PreferPositiveVerifiedByAnAnswerOnly(string property)
    {
        CacheBench bench = Expired(property + "\nserve_stale_policy PREFER_POSITIVE");
        bench.Source.Answer = q => FakeSource.Deny(q, DnsResponseCode.NameError, 600, 600);
        Assert.Equal("192.0.2.1", bench.Ask("a.example.").Address);
        bench.Source.Answer = q => FakeSource.Address(q, 20, "192.0.2.2");
        Assert.Equal("192.0.2.2", bench.Ask("a.example.").Address);
    }

    internal static async Task UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 2000; i++)
        {
            if (condition())
            {
                return;
            }

            await Task.Delay(10);
        }

        Assert.Fail("the condition did not come true within 20 seconds");
    }
}
