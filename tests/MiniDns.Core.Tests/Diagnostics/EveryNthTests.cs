using MiniDns.Diagnostics;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Diagnostics;

public sealed class EveryNthTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1000)]
    [InlineData(2, 500)]
    [InlineData(7, 142)]
    [InlineData(1001, 0)]
    public void One_of_so_many_is_chosen(int every, int chosen)
    {
        EveryNth sample = new(every);
        Assert.Equal(chosen, Enumerable.Range(0, 1000).Count(_ => sample.Next()));
    }

    [Fact]
    public void Threads_that_share_memory_choose_their_share_together()
    {
        // More threads than have memory of their own.
        EveryNth sample = new(10);
        int chosen = 0;
        Thread[] threads = [.. Enumerable.Range(0, 64).Select(_ => new Thread(() =>
        {
            int mine = 0;
            for (int i = 0; i < 10_000; i++)
            {
                mine += sample.Next() ? 1 : 0;
            }

            Interlocked.Add(ref chosen, mine);
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.InRange(chosen, 64_000 - 64, 64_000);
    }

    [Fact]
    public void Choosing_allocates_nothing()
    {
        EveryNth sample = new(3);
        AllocationAssert.None(() => sample.Next());
    }
}
