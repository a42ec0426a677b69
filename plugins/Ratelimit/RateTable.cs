using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MiniDns.Plugins.Ratelimit;

/// <summary>What every network has taken lately, in memory of a fixed size whatever comes. Any thread may use it; nobody waits.</summary>
/// <remarks>
/// <para>An entry is a key and one number, the time until which its network has taken its share (the virtual scheduling form of a token
/// bucket). It ages by itself: when that time is past, the entry says nothing and its place is free.</para>
/// <para>A key may stand in four places, side by side in memory. When all are taken, the one goes whose time is the earliest: who
/// takes little loses nothing by it, and who is being turned down stays known. Keys are mixed with random bits, so that nobody can
/// choose addresses that meet in one place.</para>
/// </remarks>
internal sealed class RateTable
{
    /// <summary>The octets of an entry.</summary>
    public const int EntrySize = 16;

    private const int Ways = 4;
    private const int StrikeBits = 8;

    private readonly Entry[] _entries;
    private readonly int _shift;
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _multiplier;
    private readonly long _start;
    private readonly double _ticks;
    private long _forgotten;

    /// <summary>Makes an empty table.</summary>
    /// <param name="octets">The memory it takes, rounded down to a power of two.</param>
    /// <param name="time">The clock.</param>
    public RateTable(long octets, TimeProvider time)
    {
        Octets = octets;
        int sets = (int)(BitOperations.RoundUpToPowerOf2((ulong)octets / 2 + 1) / (EntrySize * Ways));
        _entries = new Entry[sets * Ways];
        _shift = 64 - BitOperations.Log2((uint)sets);
        Span<Guid> random = [Guid.NewGuid(), Guid.NewGuid()];
        Span<ulong> words = MemoryMarshal.Cast<Guid, ulong>(random);
        _first = words[0] ^ BitOperations.RotateLeft(words[3], 31);
        _second = words[1] ^ BitOperations.RotateLeft(words[2], 31);
        _multiplier = (words[0] + BitOperations.RotateLeft(words[2], 17)) | 1;
        _start = time.GetTimestamp();
        _ticks = (double)TimeSpan.TicksPerSecond / time.TimestampFrequency;
    }

    /// <summary>What was asked for.</summary>
    public long Octets { get; }

    /// <summary>How many entries there can be.</summary>
    public int Capacity => _entries.Length;

    /// <summary>How many entries made room for others before their time.</summary>
    public long Forgotten => Volatile.Read(ref _forgotten);

    /// <summary>Turns a timestamp of the clock into this table's time.</summary>
    public long TimeOf(long timestamp) => timestamp <= _start ? 0 : (long)((timestamp - _start) * _ticks);

    /// <summary>The key of what is counted together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong KeyOf(ClientPrefix client, ResponseClass kind, ulong name)
    {
        ulong key = Mix(client.Bits ^ _first);
        key = Mix(key ^ name ^ _second ^ ((ulong)kind << 1) ^ (client.IsIPv6 ? 1UL : 0));
        return key == 0 ? 1 : key;
    }

    /// <summary>Takes one, if the rule lets it.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="rule">How much may pass.</param>
    /// <param name="now">The table's time.</param>
    /// <param name="strike">When it may not pass: the how manieth that was turned down, counted round and round.</param>
    public bool TryTake(ulong key, RateRule rule, long now, out int strike)
    {
        int start = _shift == 64 ? 0 : (int)(key >> _shift) * Ways;
        Span<Entry> set = _entries.AsSpan(start, Ways);
        ref Entry entry = ref set[0];
        for (int i = 0; i < Ways; i++)
        {
            if (set[i].Key == key)
            {
                return Take(ref set[i].State, rule, now, out strike);
            }

            if (set[i].State < entry.State)
            {
                entry = ref set[i];
            }
        }

        ulong other = entry.Key;
        ulong state = entry.State;
        if (Interlocked.CompareExchange(ref entry.Key, key, other) != other)
        {
            // Another thread took the place just now. That this one is not counted does no harm.
            strike = 0;
            return true;
        }

        if ((long)(state >> StrikeBits) > now)
        {
            Interlocked.Increment(ref _forgotten);
        }

        Volatile.Write(ref entry.State, (ulong)now << StrikeBits);
        return Take(ref entry.State, rule, now, out strike);
    }

    private static bool Take(ref ulong state, RateRule rule, long now, out int strike)
    {
        ulong seen = Volatile.Read(ref state);
        while (true)
        {
            long until = Math.Max((long)(seen >> StrikeBits), now);
            long after = until + rule.Cost;
            bool passes = after - now <= rule.Burst;
            strike = (int)((seen + (passes ? 0UL : 1)) & ((1 << StrikeBits) - 1));
            if (!passes)
            {
                after = rule.Penalty == 0 ? until : Math.Min(after, now + rule.Burst + rule.Penalty);
            }

            ulong was = Interlocked.CompareExchange(ref state, ((ulong)after << StrikeBits) | (uint)strike, seen);
            if (was == seen)
            {
                return passes;
            }

            seen = was;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, _multiplier, out ulong low);
        return high ^ low;
    }

    private struct Entry
    {
        public ulong Key;

        /// <summary>The time until which the share is taken, and in the last eight bits how often it was too much.</summary>
        public ulong State;
    }
}
