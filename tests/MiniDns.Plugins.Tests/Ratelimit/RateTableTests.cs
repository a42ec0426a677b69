using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Ratelimit;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Ratelimit;

public sealed class RateTableTests
{
    [Theory]
    [InlineData(64 * 1024, 4096)]
    [InlineData(100_000, 4096)]
    [InlineData(4 * 1024 * 1024, 262_144)]
    public void It_takes_no_more_memory_than_it_was_given(long octets, int entries) =>
        Assert.Equal(entries, new RateTable(octets, new TestTimeProvider()).Capacity);

    [Fact]
    public void A_token_bucket_never_gives_more_than_its_burst_and_its_rate() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte Rate, byte Burst, byte[] Waits)>(), t =>
        {
            int rate = t.Rate + 1;
            int burst = t.Burst + 1;
            var table = new RateTable(65536, new TestTimeProvider());
            RateRule rule = RateRule.ForQueries(rate, burst)!;
            long now = 0;
            double tokens = burst;
            foreach (byte wait in t.Waits)
            {
                now += wait * 10_000L;
                tokens = Math.Min(burst, tokens + (wait * 10_000L / (double)rule.Cost));
                bool passes = table.TryTake(7, rule, now, out _);

                // The exact bucket and ours agree, but for what is lost in rounding.
                if (passes != (tokens >= 1) && Math.Abs(tokens - 1) > 0.001)
                {
                    return false;
                }

                tokens -= passes ? 1 : 0;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Who_is_turned_down_stays_known_while_others_come_and_go()
    {
        var table = new RateTable(65536, new TestTimeProvider());
        RateRule rule = RateRule.ForResponses(10, TimeSpan.FromSeconds(15))!;
        ulong attacker = table.KeyOf(new ClientPrefix(1, false), ResponseClass.Responses, 1);
        for (int i = 0; i < 100; i++)
        {
            table.TryTake(attacker, rule, 0, out _);
        }

        for (ulong i = 0; i < 100_000; i++)
        {
            Assert.True(table.TryTake(table.KeyOf(new ClientPrefix(i, true), ResponseClass.Responses, i), rule, 0, out _));
        }

        Assert.False(table.TryTake(attacker, rule, 0, out _));
        Assert.True(table.Forgotten > 90_000);
    }

    [Fact]
    public void Threads_together_get_no_more_than_one_would()
    {
        var table = new RateTable(65536, new TestTimeProvider());
        RateRule rule = RateRule.ForQueries(1000, 1000)!;
        table.TryTake(7, rule, 0, out _);
        int passed = 1;
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 1000; i++)
            {
                if (table.TryTake(7, rule, 0, out int _))
                {
                    Interlocked.Increment(ref passed);
                }
            }
        });
        Assert.Equal(1000, passed);
    }

    [Fact]
    public void The_sketch_keeps_every_heavy_hitter() =>
        Prop.ForAll(ArbMap.Default.ArbFor<uint[]>(), noise =>
        {
            var hitters = new HeavyHitters();
            foreach (uint other in noise)
            {
                hitters.Note(new ClientPrefix(other + 1UL, false));
            }

            for (int i = 0; i < 5000; i++)
            {
                hitters.Note(new ClientPrefix((ulong)i + (1UL << 33), false));
                hitters.Note(new ClientPrefix(0, false));
            }

            IReadOnlyList<(ClientPrefix Client, long Count)> found = hitters.Drain(1);
            return found[0].Client == new ClientPrefix(0, false) && found[0].Count >= 5000 && hitters.Drain(10).Count == 0;
        }).QuickCheckThrowOnFailure();
}
