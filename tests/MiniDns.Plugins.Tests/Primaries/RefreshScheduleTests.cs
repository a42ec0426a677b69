using MiniDns.Plugins.Primaries;

namespace MiniDns.Plugins.Tests.Primaries;

public sealed class RefreshScheduleTests
{
    private static readonly ZoneTimers Timers = new(Seconds(100), Seconds(10), Seconds(1000));

    [Fact]
    public void A_zone_without_data_is_asked_for_at_once_and_then_ever_more_seldom()
    {
        var schedule = new RefreshSchedule(() => 0);
        Assert.Equal(TimeSpan.Zero, schedule.NextCheck);
        List<double> waits = [];
        for (int i = 0; i < 8; i++)
        {
            schedule.Failed(Seconds(50));
            waits.Add((schedule.NextCheck - Seconds(50)).TotalSeconds);
        }

        Assert.Equal([0.25, 0.5, 1, 2, 4, 8, 10, 10], waits);
        Assert.False(schedule.IsExpired(Seconds(1e9)));
    }

    [Fact]
    public void Back_off_has_jitter_and_never_exceeds_its_limit()
    {
        var schedule = new RefreshSchedule(() => 0.999);
        for (int i = 0; i < 20; i++)
        {
            schedule.Failed(TimeSpan.Zero);
            Assert.InRange(schedule.NextCheck.TotalSeconds, 0.19, 10);
        }
    }

    [Theory]
    [InlineData(0, 100, 100, 10)]
    [InlineData(0.5, 100, 102.5, 11)]
    [InlineData(0.5, 1, 1.125, 1)]
    public void Rfc1035_3_3_13_refresh_and_retry(double random, double refresh, double expectedRefresh, double expectedRetry)
    {
        var schedule = new RefreshSchedule(() => random);
        var timers = new ZoneTimers(Seconds(refresh), Seconds(refresh / 10 < 1 ? 1 : refresh / 10), Seconds(1000));
        schedule.Confirmed(timers, Seconds(7));
        Assert.Equal(7 + expectedRefresh, schedule.NextCheck.TotalSeconds, 6);
        schedule.Failed(schedule.NextCheck);
        Assert.Equal(7 + expectedRefresh + expectedRetry, schedule.NextCheck.TotalSeconds, refresh == 1 ? 0 : 6);
    }

    [Fact]
    public void Rfc1034_4_3_5_data_expires_unless_it_is_confirmed()
    {
        var schedule = new RefreshSchedule(() => 0);
        schedule.Confirmed(Timers, Seconds(5));
        schedule.Failed(Seconds(105));
        Assert.False(schedule.IsExpired(Seconds(1004)));
        Assert.True(schedule.IsExpired(Seconds(1005)));
        schedule.Confirmed(Timers, Seconds(900));
        Assert.False(schedule.IsExpired(Seconds(1899)));
        Assert.True(schedule.IsExpired(Seconds(1900)));
    }

    [Fact]
    public void Restored_data_is_as_old_as_it_was()
    {
        var schedule = new RefreshSchedule(() => 0);
        schedule.Restored(Timers, Seconds(50) - Seconds(900), Seconds(50));
        Assert.Equal(Seconds(50), schedule.NextCheck);
        Assert.False(schedule.IsExpired(Seconds(149)));
        Assert.True(schedule.IsExpired(Seconds(150)));
    }

    [Fact]
    public void News_bring_the_next_question_forward_and_never_back()
    {
        var schedule = new RefreshSchedule(() => 0);
        schedule.Confirmed(Timers, Seconds(0));
        schedule.Hurry(Seconds(30));
        Assert.Equal(Seconds(30), schedule.NextCheck);
        schedule.Hurry(Seconds(40));
        Assert.Equal(Seconds(30), schedule.NextCheck);
    }

    [Fact]
    public void Timers_of_a_SOA_are_at_least_a_second()
    {
        byte[] soa = new byte[22];
        soa[^9] = 200;
        Assert.Equal(new ZoneTimers(Seconds(1), Seconds(1), Seconds(1)), ZoneTimers.FromSoa(new byte[22]));
        Assert.Equal(Seconds(200), ZoneTimers.FromSoa(soa).Retry);
        soa[^10] = 1;
        Assert.Equal(Seconds(256 + 200), ZoneTimers.FromSoa(soa).Retry);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
