using MiniDns.Diagnostics;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Diagnostics;

public class StripedCounterTests
{
    [Fact]
    public void Starts_at_zero_and_adds_up()
    {
        var counter = new StripedCounter();
        Assert.Equal(0, counter.Value);
        counter.Increment();
        counter.Add(41);
        Assert.Equal(42, counter.Value);
    }

    [Fact]
    public void Loses_nothing_when_more_threads_add_than_there_are_stripes()
    {
        const int Threads = 80;
        const int Times = 20_000;
        var counter = new StripedCounter();
        var other = new StripedCounter();
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Times; i++)
            {
                counter.Increment();
                other.Add(2);
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        // The sum never goes down while threads add.
        long last = 0;
        while (threads.Any(t => t.IsAlive))
        {
            long now = counter.Value;
            Assert.True(now >= last);
            last = now;
            Thread.Yield();
        }

        Assert.Equal((long)Threads * Times, counter.Value);
        Assert.Equal(2L * Threads * Times, other.Value);
    }

    [Fact]
    public void Adding_allocates_nothing()
    {
        var counter = new StripedCounter();
        AllocationAssert.None(counter.Increment);
    }
}
