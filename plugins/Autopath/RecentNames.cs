namespace MiniDns.Plugins.Autopath;

/// <summary>Remembers names for a while, by their hashes: a fixed number of them, of which a newer one may take the place of an older.</summary>
/// <param name="time">The clock.</param>
internal sealed class RecentNames(TimeProvider time)
{
    /// <summary>How long a name is remembered, in seconds: longer than a resolver takes from one step to the next.</summary>
    public const int Seconds = 30;

    private const int Places = 4096;
    private const int TimeBits = 24;
    private const ulong TimeMask = (1UL << TimeBits) - 1;

    // one word for each: 40 bits of the hash, 24 bits of the time in seconds
    private readonly ulong[] _names = new ulong[Places];

    /// <summary>Remembers a name.</summary>
    public void Add(ulong hash) => Volatile.Write(ref _names[hash % Places], (hash & ~TimeMask) | Now());

    /// <summary>True for a name that was added a short while ago.</summary>
    public bool Contains(ulong hash)
    {
        ulong word = Volatile.Read(ref _names[hash % Places]);
        return word != 0 && ((word ^ hash) & ~TimeMask) == 0 && ((Now() - word) & TimeMask) <= Seconds;
    }

    private ulong Now() => (ulong)(time.GetTimestamp() / time.TimestampFrequency) & TimeMask;
}
