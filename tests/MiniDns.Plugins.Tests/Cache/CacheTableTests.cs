using MiniDns.Diagnostics;
using MiniDns.Plugins.Cache;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Tests.Cache;

public class CacheTableTests
{
    private readonly StripedCounter _evictions = new();

    [Fact]
    public void MillionRandomInsertsStayWithinBothLimits()
    {
        var table = new CacheTable(10_000, 4_000_000, 1000, 0, _evictions);
        var random = new Random(1);
        long inserted = 0;
        for (int i = 0; i < 1_000_000; i++)
        {
            int number = random.Next(200_000);
            CacheKey key = Entries.Key(Entries.NameOf(number));
            inserted += table.Find(key) is null ? 1 : 0;
            table.Add(Entries.Make(key, number, 300, i, 8 + random.Next(500)), i);
            Assert.InRange(table.Count, 0, 10_000);
            Assert.InRange(table.Octets, 0, 4_000_000);
        }

        Assert.Equal(inserted - table.Count, _evictions.Value);
        long found = 0;
        long octets = 0;
        for (int number = 0; number < 200_000; number++)
        {
            if (table.Find(Entries.Key(Entries.NameOf(number))) is { } entry)
            {
                Assert.Equal(number, Entries.NumberIn(entry));
                found++;
                octets += entry.Size;
            }
        }

        Assert.Equal(table.Count, found);
        Assert.Equal(table.Octets, octets);
        Assert.True(found > 5000, $"only {found} entries are left");
    }

    [Fact]
    public void CountLimitIsFilledBeforeAnythingIsDropped()
    {
        var table = new CacheTable(1024, long.MaxValue, 1000, 0, _evictions);
        for (int i = 0; i < 1024; i++)
        {
            table.Add(Entries.Make(Entries.Key(Entries.NameOf(i)), i, 300, 0), 0);
        }

        Assert.Equal((1024, 0), (table.Count, _evictions.Value));
    }

    [Fact]
    public void LargeEntriesTakeTheRoomOfMany()
    {
        var table = new CacheTable(1024, 1 << 20, 1000, 0, _evictions);
        for (int i = 0; i < 1024; i++)
        {
            table.Add(Entries.Make(Entries.Key(Entries.NameOf(i)), i, 300, 0), 0);
        }

        for (int i = 0; i < 100; i++)
        {
            table.Add(Entries.Make(Entries.Key(Entries.NameOf(i)), i, 300, 0, 60_000), 0);
            Assert.InRange(table.Octets, 1, 1 << 20);
        }

        Assert.InRange(table.Count, 5, 1024);
    }

    [Fact]
    public void ExpiredEntriesGoFirstThenUnusedOnes()
    {
        const int Half = 2000;
        var table = new CacheTable(2 * Half, long.MaxValue, 1, 0, _evictions);
        for (int i = 0; i < Half; i++)
        {
            table.Add(Entries.Make(Entries.Key(Entries.NameOf(i)), i, 10, 0), 0);
            table.Add(Entries.Make(Entries.Key(Entries.NameOf(Half + i)), Half + i, 1000, 0), 0);
        }

        Add(100_000, 1200);
        Assert.True(Left(Half, Half) > Half * 9 / 10, "good entries were dropped while there were expired ones");
        Assert.True(Left(0, Half) < Half / 2);

        for (int i = 0; i < Half; i++)
        {
            table.Find(Entries.Key(Entries.NameOf(Half + i)))?.MarkUsed();
        }

        int before = Left(Half, Half);
        Add(200_000, Half);
        Assert.True(Left(Half, Half) > before / 2, "used entries were dropped before those never used");

        void Add(int first, int count)
        {
            for (int i = 0; i < count; i++)
            {
                table.Add(Entries.Make(Entries.Key(Entries.NameOf(first + i)), first + i, 1000, 20), 20);
            }
        }

        int Left(int first, int count) => Enumerable.Range(first, count).Count(i => table.Find(Entries.Key(Entries.NameOf(i))) is not null);
    }

    [Fact]
    public void CollidingHashesAreToldApart()
    {
        var table = new CacheTable(1024, long.MaxValue, 1000, 0, _evictions);
        for (int i = 0; i < 100; i++)
        {
            CacheKey key = Entries.Key(Entries.NameOf(i)).WithHash(42);
            Assert.Null(table.Find(key));
            table.Add(Entries.Make(key, i, 300, 0), 0);
        }

        for (int i = 0; i < 100; i += 2)
        {
            table.Remove(Entries.Key(Entries.NameOf(i)).WithHash(42));
        }

        for (int i = 0; i < 100; i++)
        {
            CacheEntry? entry = table.Find(Entries.Key(Entries.NameOf(i)).WithHash(42));
            Assert.Equal(i % 2 == 0, entry is null);
            Assert.Equal(i, entry is null ? i : Entries.NumberIn(entry));
        }

        Assert.Equal(50, table.Count);
    }

    [Fact]
    public void LongerNameWithTheSameHashIsAnotherName()
    {
        var table = new CacheTable(1024, long.MaxValue, 1000, 0, _evictions);
        byte[] name = DnsName.Parse("a.example.").Wire.ToArray();
        CacheKey key = Entries.Key(name).WithHash(7);
        table.Add(Entries.Make(key, 1, 300, 0), 0);
        foreach (string other in new[] { "a.", ".", "b.example.", "example.", "a.example.org.", "x.a.example." })
        {
            Assert.Null(table.Find(Entries.Key(DnsName.Parse(other).Wire.ToArray()).WithHash(7)));
        }

        Assert.NotNull(table.Find(key));
        table.Add(Entries.Make(key, 2, 300, 0), 0);
        Assert.Equal(1, table.Count);
        Assert.Equal(2, Entries.NumberIn(table.Find(key)!));
        table.Remove(key);
        Assert.Equal((0, 0), (table.Count, table.Octets));
    }

    [Fact]
    public async Task ReadersNeverGetAnotherNamesEntryWhateverWritersDo()
    {
        // Few names and few hashes: every shard and every chain of slots is fought over.
        const int Names = 3000;
        var table = new CacheTable(1024, 400_000, 1000, 0, _evictions);
        byte[][] names = [.. Enumerable.Range(0, Names).Select(Entries.NameOf)];
        using var stop = new CancellationTokenSource();
        long hits = 0;
        using var start = new Barrier(6);
        Task[] readers = [.. Enumerable.Range(0, 3).Select(seed => OnOwnThread(() =>
        {
            start.SignalAndWait();
            var random = new Random(seed);
            while (!stop.IsCancellationRequested)
            {
                int number = random.Next(Names);
                if (table.Find(Hashed(number)) is { } entry)
                {
                    Assert.Equal(number, Entries.NumberIn(entry));
                    entry.MarkUsed();
                    Interlocked.Increment(ref hits);
                }
            }
        }))];
        Task[] writers = [.. Enumerable.Range(0, 3).Select(seed => OnOwnThread(() =>
        {
            start.SignalAndWait();
            var random = new Random(100 + seed);
            for (int i = 0; i < 300_000; i++)
            {
                int number = random.Next(Names);
                if (random.Next(8) == 0)
                {
                    table.Remove(Hashed(number));
                }
                else
                {
                    table.Add(Entries.Make(Hashed(number), number, 300, i, 8 + (i & 255)), i);
                }
            }
        }))];
        await Task.WhenAll(writers);
        await stop.CancelAsync();
        await Task.WhenAll(readers);

        Assert.True(hits > 0);
        Assert.InRange(table.Count, 1, 1024);
        Assert.InRange(table.Octets, 1, 400_000);
        Assert.Equal(table.Count, Enumerable.Range(0, Names).Count(i => table.Find(Hashed(i)) is not null));

        static Task OnOwnThread(Action action) =>
            Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        CacheKey Hashed(int number)
        {
            CacheKey key = Entries.Key(names[number]);
            return key.WithHash(number % 3 == 0 ? (ulong)(number % 16) << 60 : key.Hash);
        }
    }
}
