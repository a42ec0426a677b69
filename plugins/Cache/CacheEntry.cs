using System.Diagnostics.CodeAnalysis;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>A response that is kept. What it says never changes; what is known about its use does, and may be lost.</summary>
internal sealed class CacheEntry : WireImage
{
    private const int FieldsFootprint = 100;

    private long _lastUse;
    private int _uses;
    private int _refreshing;
    private long _retryAt = long.MinValue;
    private bool _isUsed;

    private CacheEntry(in PackedMessage packed, in CacheKey key, ResponseTraits traits, uint lifetime, long storedAt)
        : base(packed)
    {
        Hash = key.Hash;
        Selector = key.Selector;
        Kind = traits.Kind;
        IsAnswer = traits.AnswersQuestion;
        Lifetime = lifetime;
        StoredAt = storedAt;
    }

    /// <summary>The key's hash.</summary>
    public ulong Hash { get; }

    /// <summary>The key's type, class, DO and CD.</summary>
    public ulong Selector { get; }

    /// <summary>When it was stored, as a timestamp.</summary>
    public long StoredAt { get; }

    /// <summary>How long it is good, in seconds from <see cref="StoredAt"/>.</summary>
    public uint Lifetime { get; }

    /// <summary>What the response says.</summary>
    public ResponseKind Kind { get; }

    /// <summary>True when records in it answer the question.</summary>
    public bool IsAnswer { get; }

    /// <summary>An older entry that answers the question while this one does not (<c>prefer_positive</c>).</summary>
    public CacheEntry? LastAnswer { get; private init; }

    /// <summary>What the entry takes in memory, in octets, its place in a table included.</summary>
    public int Size => Footprint + FieldsFootprint + (LastAnswer?.Size ?? 0);

    /// <summary>Makes an entry.</summary>
    /// <param name="message">The response, its question being the key's name in lower case.</param>
    /// <param name="key">The key.</param>
    /// <param name="traits">What the response says.</param>
    /// <param name="lifetime">How long it is good, in seconds.</param>
    /// <param name="storedAt">The time, as a timestamp.</param>
    /// <param name="lastAnswer">An older entry to keep alive.</param>
    /// <param name="entry">The entry.</param>
    /// <returns>False when the message cannot be kept.</returns>
    public static bool TryCreate(
        ReadOnlySpan<byte> message,
        in CacheKey key,
        ResponseTraits traits,
        uint lifetime,
        long storedAt,
        CacheEntry? lastAnswer,
        [NotNullWhen(true)] out CacheEntry? entry)
    {
        entry = TryPack(message, out PackedMessage packed)
            ? new CacheEntry(packed, key, traits, lifetime, storedAt) { LastAnswer = lastAnswer }
            : null;
        return entry is not null;
    }

    /// <summary>True when the entry answers the question that the key stands for.</summary>
    public bool Matches(in CacheKey key) =>
        Hash == key.Hash && Selector == key.Selector && Message[DnsHeader.Size..].StartsWith(key.Name.Wire);

    /// <summary>True when the entry has the same key as another.</summary>
    public bool HasKeyOf(CacheEntry other)
    {
        if (Hash != other.Hash || Selector != other.Selector)
        {
            return false;
        }

        // A name ends with its root label: where one is the other's start, they are the same.
        ReadOnlySpan<byte> mine = Message[DnsHeader.Size..];
        ReadOnlySpan<byte> theirs = other.Message[DnsHeader.Size..];
        int end = 0;
        while (mine[end] != 0)
        {
            end += mine[end] + 1;
        }

        return theirs.StartsWith(mine[..(end + 1)]);
    }

    /// <summary>Notes that the entry was used; the mark is written once, so that readers do not fight over the cache line.</summary>
    public void MarkUsed()
    {
        if (!_isUsed)
        {
            _isUsed = true;
        }
    }

    /// <summary>True when the entry was used since the mark was last taken away.</summary>
    public bool IsUsed => _isUsed;

    /// <summary>True when the entry, or one in whose place it stands, was used when the table last wanted room: it is not one of the
    /// many that are asked once and never again.</summary>
    public bool IsProven { get; set; }

    /// <summary>Takes the mark of use away.</summary>
    public void ForgetUse() => _isUsed = false;

    /// <summary>Counts a use. Two at the same moment may count as one: this decides about prefetching, not about answers.</summary>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="gap">A pause after which counting starts anew, in timestamp units.</param>
    /// <returns>The uses in a row.</returns>
    public int CountUse(long now, long gap)
    {
        int uses = now - _lastUse > gap ? 1 : _uses + 1;
        _uses = uses;
        _lastUse = now;
        return uses;
    }

    /// <summary>Goes on counting uses where another entry stopped.</summary>
    public void ContinueUsesOf(CacheEntry other)
    {
        _uses = other._uses;
        _lastUse = other._lastUse;
    }

    /// <summary>Begins a refresh, if the last one began or failed long enough ago.</summary>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="patience">How long to wait for its end before another one may begin, in timestamp units.</param>
    /// <param name="forgiven">A pause after a failure that ends before this is none any more, in timestamp units.</param>
    /// <param name="isFirst">True when no other one is under way.</param>
    public bool TryBeginRefresh(long now, long patience, long forgiven, out bool isFirst)
    {
        long retryAt = Volatile.Read(ref _retryAt);
        isFirst = false;
        bool isPaused = now < retryAt && !(retryAt < forgiven && Volatile.Read(ref _refreshing) == 0);
        if (isPaused || Interlocked.CompareExchange(ref _retryAt, now + patience, retryAt) != retryAt)
        {
            return false;
        }

        isFirst = Interlocked.Increment(ref _refreshing) == 1;
        return true;
    }

    /// <summary>Ends a refresh.</summary>
    /// <param name="retryAt">The time before which none may begin, as a timestamp.</param>
    public void EndRefresh(long retryAt)
    {
        Interlocked.Decrement(ref _refreshing);
        Volatile.Write(ref _retryAt, retryAt);
    }
}
