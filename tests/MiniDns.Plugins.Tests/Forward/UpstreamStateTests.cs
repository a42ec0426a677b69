using MiniDns.Client;
using MiniDns.Plugins.Forward;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

public sealed class UpstreamStateTests
{
    private readonly TestTimeProvider _time = new();
    private readonly UpstreamState _state;

    public UpstreamStateTests() => _state = new UpstreamState(_time);

    [Fact]
    public void Without_samples_the_delays_are_careful()
    {
        Assert.Equal(100, Milliseconds(_state.HedgeDelay));
        Assert.Equal(400, Milliseconds(_state.RetryDelay));
        Assert.Equal(-1, _state.Smoothed);
    }

    [Fact]
    public void The_95th_percentile_is_found_to_a_quarter()
    {
        for (int i = 0; i < 2000; i++)
        {
            Answer(i % 20 == 7 ? 400 : 20 + (i % 5));
        }

        Assert.InRange(_state.Percentile95Seconds, 0.020, 0.5);
        Assert.InRange(Milliseconds(_state.HedgeDelay), 24, 500);
        for (int i = 0; i < 2000; i++)
        {
            Answer(20 + (i % 5));
        }

        Assert.InRange(Milliseconds(_state.HedgeDelay), 24, 30);
        Assert.InRange(_state.SmoothedSeconds, 0.020, 0.025);
    }

    [Fact]
    public void It_follows_an_upstream_that_becomes_slower()
    {
        for (int i = 0; i < 3000; i++)
        {
            Answer(i < 1000 ? 1 : 80);
        }

        Assert.InRange(Milliseconds(_state.HedgeDelay), 80, 100);
        Assert.InRange(_state.SmoothedSeconds, 0.079, 0.081);
    }

    [Fact]
    public void Lateness_with_answers_in_between_is_not_silence()
    {
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(30));
            Assert.False(_state.Overdue(_time.GetTimestamp()));
            if (i % 5 == 0)
            {
                Answer(200);
            }
        }

        Assert.False(_state.IsSilent);
    }

    [Fact]
    public void Many_late_answers_and_none_that_comes_are_silence_until_one_does()
    {
        _time.Advance(TimeSpan.FromMilliseconds(30));
        bool[] fell = [.. Enumerable.Range(0, 10).Select(_ => _state.Overdue(_time.GetTimestamp()))];
        Assert.Equal(7, Array.IndexOf(fell, true));
        Assert.Equal(1, fell.Count(f => f));
        Assert.True(_state.IsSilent);
        Assert.True(_state.Answered(-1, _time.GetTimestamp(), isFailure: null));
        Assert.False(_state.IsSilent);
    }

    [Theory]
    [InlineData(ExchangeStatus.TimedOut, 2)]
    [InlineData(ExchangeStatus.Refused, 1)]
    [InlineData(ExchangeStatus.Unreachable, 1)]
    public void Failures_are_silence(ExchangeStatus status, int count)
    {
        for (int i = 1; i < count; i++)
        {
            Assert.False(_state.Failed(status, _time.GetTimestamp()));
        }

        Assert.True(_state.Failed(status, _time.GetTimestamp()));
    }

    [Fact]
    public void Timeouts_of_questions_that_others_were_answered_after_are_loss_and_no_silence()
    {
        for (int i = 0; i < 10; i++)
        {
            long startedAt = _time.GetTimestamp();
            _time.Advance(TimeSpan.FromMilliseconds(10));
            Answer(10);
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.False(_state.Failed(ExchangeStatus.TimedOut, startedAt));
            Assert.False(_state.Failed(ExchangeStatus.TimedOut, startedAt));
        }
    }

    [Fact]
    public void Loss_is_known_after_two_questions_and_forgotten_after_many_answers()
    {
        Answer(10);
        _state.Lost();
        Assert.False(_state.IsLossy);
        _state.Lost();
        Assert.True(_state.IsLossy);
        for (int i = 0; i < 64; i++)
        {
            Answer(10);
        }

        Assert.False(_state.IsLossy);
    }

    [Fact]
    public void It_says_when_it_was_back()
    {
        Assert.Equal(long.MinValue, _state.BackAt);
        Assert.True(_state.Failed(ExchangeStatus.Refused, _time.GetTimestamp()));
        _time.Advance(TimeSpan.FromSeconds(3));
        Answer(10);
        Assert.Equal(_time.GetTimestamp(), _state.BackAt);
    }

    [Fact]
    public void Closed_connections_and_full_tables_are_no_silence()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.False(_state.Failed(ExchangeStatus.Closed, _time.GetTimestamp()));
            Assert.False(_state.Failed(ExchangeStatus.Busy, _time.GetTimestamp()));
        }
    }

    [Fact]
    public void Probes_keep_their_distance()
    {
        Assert.False(_state.TryBeginProbe(_time.GetTimestamp(), 100));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(_state.TryBeginProbe(_time.GetTimestamp(), 100));
        Assert.False(_state.TryBeginProbe(_time.GetTimestamp(), 100));
    }

    [Fact]
    public void A_budget_gives_its_share_and_saves_only_so_much()
    {
        var budget = new HedgeBudget(0.1);
        while (budget.TryTake())
        {
        }

        for (int i = 0; i < 55; i++)
        {
            budget.Note();
        }

        budget.Fill();
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => budget.TryTake()));
        for (int i = 0; i < 1_000_000; i++)
        {
            budget.Note();
        }

        budget.Fill();
        Assert.Equal(100, Enumerable.Range(0, 1000).Count(_ => budget.TryTake()));
    }

    private void Answer(int milliseconds) => _state.Answered(milliseconds * _time.TimestampFrequency / 1000, _time.GetTimestamp(), isFailure: false);

    private double Milliseconds(long ticks) => ticks * 1000.0 / _time.TimestampFrequency;
}
