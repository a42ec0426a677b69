using MiniDns.Diagnostics;
using MiniDns.Plugins.Cache;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>What stays when there is no room for all, and what an entry costs.</summary>
public class CacheEvictionTests
{
    private const int Capacity = 4096;

    private readonly CacheTable _table = new(Capacity, long.MaxValue, 1, 0, new StripedCounter());
    private int _hits;
    private int _asked;

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void Names_asked_now_and_then_survive_a_flood_of_names_asked_once(int strangersForEachAsk)
    {
        // Half of the room is for names that are asked for again and again; a flood of others goes by, so that between two
        // questions for one of them the room could have been filled many times over.
        const int Regulars = Capacity / 2;
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < Regulars; i++)
            {
                Ask(i);
            }
        }

        Assert.Equal(Regulars, _hits);
        int stranger = 1_000_000;
        var random = new Random(7);
        _hits = _asked = 0;
        for (int i = 0; i < 3 * Regulars; i++)
        {
            Ask(random.Next(Regulars));
            for (int j = 0; j < strangersForEachAsk; j++)
            {
                Insert(stranger++);
            }
        }

        Assert.True(_hits > _asked * 0.9, $"{_hits} of {_asked} were found");
    }

    [Fact]
    public void What_is_popular_changes_and_the_table_follows()
    {
        const int Regulars = Capacity * 3 / 4;
        int stranger = 1_000_000;
        for (int season = 0; season < 4; season++)
        {
            var random = new Random(season);
            for (int i = 0; i < 40 * Regulars; i++)
            {
                _hits = i == 20 * Regulars ? 0 : _hits;
                _asked = i == 20 * Regulars ? 0 : _asked;
                Ask((season * Regulars) + random.Next(Regulars));
                Insert(stranger++);
            }

            Assert.True(_hits > _asked * 0.8, $"season {season}: {_hits} of {_asked} were found");
        }
    }

    [Fact]
    public void By_Zipfs_law_nearly_as_many_are_found_as_can_be()
    {
        // 100,000 names, the n-th asked for in proportion to 1/n: an oracle that keeps the 4,096 most popular finds 74 %.
        const int Names = 100_000;
        double[] sums = new double[Names];
        double sum = 0;
        for (int i = 0; i < Names; i++)
        {
            sums[i] = sum += 1.0 / (i + 1);
        }

        double best = sums[Capacity - 1] / sum;
        var random = new Random(3);
        for (int i = 0; i < 400_000; i++)
        {
            if (i == 200_000)
            {
                _hits = _asked = 0;
            }

            int at = Array.BinarySearch(sums, random.NextDouble() * sum);
            Ask(at < 0 ? ~at : at);
        }

        Assert.True(_hits > _asked * best * 0.9, $"{(double)_hits / _asked:P1} of {best:P1} were found");
    }

    [Fact]
    public void An_entry_takes_at_most_400_octets_beside_its_message()
    {
        const int Count = 200_000;
        long messages = 0;
        var table = new CacheTable(Count, long.MaxValue, 1, 0, new StripedCounter());
        byte[] warm = Entries.NameOf(1);
        Entries.Make(Entries.Key(warm), 1, 300, 0);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Count; i++)
        {
            CacheEntry entry = Entries.Make(Entries.Key(Entries.NameOf(i)), i, 300, 0);
            messages += entry.Message.Length;
            table.Add(entry, 0);
        }

        long taken = GC.GetTotalMemory(forceFullCollection: true) - before - messages;
        Assert.Equal(Count, table.Count);
        Assert.True(taken / Count < 400, $"{taken / Count} octets");
        Assert.InRange(table.Octets, messages, (long)((taken + messages) * 1.15));
        GC.KeepAlive(table);
    }

    private void Ask(int number)
    {
        _asked++;
        if (_table.Find(Entries.Key(Entries.NameOf(number))) is { } entry)
        {
            _hits++;
            entry.MarkUsed();
        }
        else
        {
            Insert(number);
        }
    }

    private void Insert(int number) => _table.Add(Entries.Make(Entries.Key(Entries.NameOf(number)), number, 300, 0), 0);
}
