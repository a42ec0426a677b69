using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Cache;

/// <summary>Entries by key, bounded in number and in octets.</summary>
/// <remarks>
/// <para>Readers take no lock: they follow references that writers swap, and compare the whole key of what they find. A reader
/// that overlaps with a writer may miss an entry that is being moved; it never gets another one's.</para>
/// <para>Writers lock one of 64 shards, each an open-addressing table that grows with its content. When a limit is passed, a
/// hand goes around the shards; in each it looks at a few entries and drops one: an expired one, else one that was never
/// used, else one that was not used of late, else the one that would expire first.</para>
/// </remarks>
internal sealed class CacheTable
{
    private const int ShardBits = 6;
    private const int ShardCount = 1 << ShardBits;
    private const int FirstSlots = 16;

    /// <summary>How many entries are looked at for an expired one, and then for one not used, to drop one.</summary>
    private const int Sample = 12;

    private readonly Shard[] _shards = new Shard[ShardCount];
    private StripedCounter _evictions;
    private readonly long _frequency;
    private readonly long _graceTicks;
    private long _count;
    private long _octets;
    private int _hand;

    /// <summary>Makes an empty table.</summary>
    /// <param name="capacity">The most entries.</param>
    /// <param name="octetLimit">The most octets that entries take in memory.</param>
    /// <param name="frequency">Timestamps in a second.</param>
    /// <param name="graceSeconds">How long after its end an entry may still be of use.</param>
    /// <param name="evictions">Counts entries dropped to stay within the limits.</param>
    public CacheTable(int capacity, long octetLimit, long frequency, long graceSeconds, StripedCounter evictions)
    {
        Capacity = capacity;
        OctetLimit = octetLimit;
        _frequency = frequency;
        _graceTicks = graceSeconds * frequency;
        _evictions = evictions;
        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new Shard();
        }
    }

    /// <summary>Counts entries dropped to stay within the limits in another counter from now on.</summary>
    public void CountEvictionsIn(StripedCounter evictions) => Volatile.Write(ref _evictions, evictions);

    /// <summary>The most entries.</summary>
    public int Capacity { get; }

    /// <summary>The most octets that entries take in memory.</summary>
    public long OctetLimit { get; }

    /// <summary>How many entries there are, expired ones included.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>What the entries take in memory, in octets, near enough.</summary>
    public long Octets => Volatile.Read(ref _octets);

    /// <summary>Finds the entry of a key, expired or not.</summary>
    public CacheEntry? Find(in CacheKey key)
    {
        Slot[] slots = Volatile.Read(ref _shards[ShardOf(key.Hash)].Slots);
        int mask = slots.Length - 1;
        uint tag = TagOf(key.Hash);
        int at = (int)key.Hash & mask;
        for (int probes = 0; probes < slots.Length; probes++)
        {
            ref Slot slot = ref slots[at];
            CacheEntry? entry = Volatile.Read(ref slot.Entry);
            if (entry is null)
            {
                return null;
            }

            if (slot.Tag == tag && entry.Matches(key))
            {
                return entry;
            }

            at = (at + 1) & mask;
        }

        return null;
    }

    /// <summary>Puts an entry in, in the place of one with the same key if there is one, and keeps the limits.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="now">The time, as a timestamp.</param>
    public void Add(CacheEntry entry, long now)
    {
        Shard shard = _shards[ShardOf(entry.Hash)];
        lock (shard)
        {
            int at = PlaceOf(shard, entry, out bool isThere);
            if (isThere)
            {
                ref Slot slot = ref shard.Slots[at];
                CacheEntry before = slot.Entry!;
                entry.IsProven |= before.IsProven || before.IsUsed;
                Account(0, entry.Size - before.Size);
                Volatile.Write(ref slot.Entry, entry);
            }
            else
            {
                if ((shard.Count + 1) * 4 > shard.Slots.Length * 3)
                {
                    Grow(shard);
                    at = PlaceOf(shard, entry, out _);
                }

                Put(ref shard.Slots[at], entry);
                shard.Count++;
                Account(1, entry.Size);
            }
        }

        KeepLimits(now);
    }

    /// <summary>Takes the entry of a key out.</summary>
    public void Remove(in CacheKey key)
    {
        Shard shard = _shards[ShardOf(key.Hash)];
        lock (shard)
        {
            Slot[] slots = shard.Slots;
            int mask = slots.Length - 1;
            for (int at = (int)key.Hash & mask; slots[at].Entry is { } entry; at = (at + 1) & mask)
            {
                if (entry.Matches(key))
                {
                    RemoveAt(shard, at);
                    return;
                }
            }
        }
    }

    /// <summary>The entries that are there now, one part of the table after the other.</summary>
    public IEnumerable<CacheEntry> All()
    {
        foreach (Shard shard in _shards)
        {
            CacheEntry[] entries;
            lock (shard)
            {
                entries = [.. shard.Slots.Where(s => s.Entry is not null).Select(s => s.Entry!)];
            }

            foreach (CacheEntry entry in entries)
            {
                yield return entry;
            }
        }
    }

    private static int ShardOf(ulong hash) => (int)(hash >> (64 - ShardBits));

    private static uint TagOf(ulong hash) => (uint)(hash >> 24);

    private static void Put(ref Slot slot, CacheEntry entry)
    {
        // A reader that sees the new entry with the old tag takes it for another's: a miss, not a mistake.
        slot.Tag = TagOf(entry.Hash);
        Volatile.Write(ref slot.Entry, entry);
    }

    private static int PlaceOf(Shard shard, CacheEntry entry, out bool isThere)
    {
        Slot[] slots = shard.Slots;
        int mask = slots.Length - 1;
        int at = (int)entry.Hash & mask;
        while (slots[at].Entry is { } other)
        {
            if (other.HasKeyOf(entry))
            {
                isThere = true;
                return at;
            }

            at = (at + 1) & mask;
        }

        isThere = false;
        return at;
    }

    private static void Grow(Shard shard)
    {
        Slot[] slots = new Slot[shard.Slots.Length * 2];
        int mask = slots.Length - 1;
        foreach (Slot slot in shard.Slots)
        {
            if (slot.Entry is { } entry)
            {
                int at = (int)entry.Hash & mask;
                while (slots[at].Entry is not null)
                {
                    at = (at + 1) & mask;
                }

                slots[at] = slot;
            }
        }

        Volatile.Write(ref shard.Slots, slots);
    }

    /// <summary>Empties a slot and moves up those behind it that would no longer be found.</summary>
    private void RemoveAt(Shard shard, int hole)
    {
        Slot[] slots = shard.Slots;
        int mask = slots.Length - 1;
        shard.Count--;
        Account(-1, -slots[hole].Entry!.Size);
        for (int at = (hole + 1) & mask; slots[at].Entry is { } entry; at = (at + 1) & mask)
        {
            int home = (int)entry.Hash & mask;
            if (((at - home) & mask) >= ((at - hole) & mask))
            {
                Put(ref slots[hole], entry);
                hole = at;
            }
        }

        Volatile.Write(ref slots[hole].Entry, null);
    }

    private void Account(int entries, long octets)
    {
        if (entries != 0)
        {
            Interlocked.Add(ref _count, entries);
        }

        Interlocked.Add(ref _octets, octets);
    }

    private void KeepLimits(long now)
    {
        int empty = 0;
        while (empty < ShardCount && (Count > Capacity || Octets > OctetLimit))
        {
            // One with at least its part of the entries: else shards that got fewer would lose their good ones.
            Shard shard = _shards[Interlocked.Increment(ref _hand) & (ShardCount - 1)];
            for (int i = 1; i < ShardCount && (long)Volatile.Read(ref shard.Count) * ShardCount < Count; i++)
            {
                shard = _shards[Interlocked.Increment(ref _hand) & (ShardCount - 1)];
            }

            lock (shard)
            {
                if (shard.Count == 0)
                {
                    empty++;
                    continue;
                }

                int expired = ExpiredIn(shard, now);
                RemoveAt(shard, expired >= 0 ? expired : UnusedIn(shard));
            }

            empty = 0;
            _evictions.Increment();
        }
    }

    /// <summary>Goes on looking for an expired entry where the last look ended, a few entries at a time.</summary>
    /// <returns>Its slot, or -1.</returns>
    private int ExpiredIn(Shard shard, long now)
    {
        Slot[] slots = shard.Slots;
        int mask = slots.Length - 1;
        int at = shard.Sweep & mask;
        for (int looks = Math.Min(Sample, shard.Count); looks > 0; at = (at + 1) & mask)
        {
            if (slots[at].Entry is { } entry)
            {
                looks--;
                if (now - EndOf(entry) >= _graceTicks)
                {
                    shard.Sweep = at;
                    return at;
                }
            }
        }

        shard.Sweep = at;
        return -1;
    }

    /// <summary>Looks at the next few entries for one to drop: one that was never used, else one that was not used since it was last
    /// looked at for that, else the one that ends first. As long as there are entries of the first kind, the others keep
    /// their marks: a flood of names that are asked once does not wash out those that are asked now and then.</summary>
    private int UnusedIn(Shard shard)
    {
        Slot[] slots = shard.Slots;
        int mask = slots.Length - 1;
        int unused = -1;
        int firstToEnd = -1;
        int start = shard.Hand & mask;
        int at = start;
        for (int looks = Math.Min(Sample, shard.Count); looks > 0; at = (at + 1) & mask)
        {
            if (slots[at].Entry is not { } entry)
            {
                continue;
            }

            looks--;
            if (!entry.IsProven)
            {
                if (!entry.IsUsed)
                {
                    shard.Hand = at;
                    return at;
                }

                entry.IsProven = true;
            }
            else if (unused < 0 && !entry.IsUsed)
            {
                unused = at;
            }

            if (firstToEnd < 0 || EndOf(entry) < EndOf(slots[firstToEnd].Entry!))
            {
                firstToEnd = at;
            }
        }

        shard.Hand = at;
        for (int i = start; i != at; i = (i + 1) & mask)
        {
            slots[i].Entry?.ForgetUse();
        }

        return unused >= 0 ? unused : firstToEnd;
    }

    private long EndOf(CacheEntry entry) => entry.StoredAt + (entry.Lifetime * _frequency);

    private struct Slot
    {
        public CacheEntry? Entry;
        public uint Tag;
    }

    /// <summary>A part of the table with a lock of its own: itself.</summary>
    private sealed class Shard
    {
        public Slot[] Slots = new Slot[FirstSlots];
        public int Count;
        public int Hand;
        public int Sweep;
    }
}
