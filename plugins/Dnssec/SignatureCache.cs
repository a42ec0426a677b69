using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Dnssec;

/// <summary>Signatures by what they depend on: a bounded number, in sets of a few places each. It outlives a reload.</summary>
/// <remarks>Reading takes no lock. When a set is full, signatures that nobody asked for since they were made go first.</remarks>
internal sealed class SignatureCache
{
    private const int MaxWays = 8;
    private const int LockCount = 256;

    private readonly KeptSignatures?[] _places;
    private readonly int _ways;
    private readonly int _sets;
    private readonly Lock[] _locks = [.. Enumerable.Range(0, LockCount).Select(_ => new Lock())];
    private int _count;
    private int _hand;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="options">What the directive says.</param>
    public SignatureCache(DnssecOptions options)
    {
        Options = options;
        _ways = Math.Min(MaxWays, options.Capacity);
        _sets = options.Capacity / _ways;
        _places = new KeptSignatures?[_sets * _ways];
    }

    /// <summary>The options that the content was made under.</summary>
    public DnssecOptions Options { get; }

    /// <summary>How many RRsets have their signatures here.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>True when the content is right for other options: the same keys made it.</summary>
    public bool Suits(DnssecOptions options) =>
        Options.Capacity == options.Capacity
        && Options.Keys.Count == options.Keys.Count
        && Options.Keys.Zip(options.Keys).All(p => p.First.Rdata.Span.SequenceEqual(p.Second.Rdata.Span));

    /// <summary>Finds the signatures of a content.</summary>
    /// <param name="hash">The content's hash.</param>
    /// <param name="content">The content (<see cref="CanonicalRRset.Octets"/>).</param>
    public KeptSignatures? Find(ulong hash, ReadOnlySpan<byte> content)
    {
        foreach (ref KeptSignatures? place in SetOf(hash))
        {
            if (Volatile.Read(ref place) is { } found && found.IsOf(hash, content))
            {
                found.Touch();
                return found;
            }
        }

        return null;
    }

    /// <summary>The lock that whoever signs a content holds, so that nobody else does at the same time.</summary>
    public Lock LockOf(ulong hash) => _locks[SetIndexOf(hash) % LockCount];

    /// <summary>Keeps signatures, in the place of older ones of the same content. Call it under <see cref="LockOf"/>.</summary>
    public void Keep(KeptSignatures signatures, ReadOnlySpan<byte> content)
    {
        Span<KeptSignatures?> set = SetOf(signatures.Hash);
        int free = -1;
        for (int i = 0; i < set.Length; i++)
        {
            if (set[i] is not { } kept)
            {
                free = i;
            }
            else if (kept.IsOf(signatures.Hash, content))
            {
                Volatile.Write(ref set[i], signatures);
                return;
            }
        }

        if (free >= 0)
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            free = Victim(set);
        }

        Volatile.Write(ref set[free], signatures);
    }

    private int Victim(Span<KeptSignatures?> set)
    {
        // Those that were used get a second chance, one after the other, from a place that moves on.
        int first = (int)((uint)_hand++ % (uint)set.Length);
        for (int i = 0; i < set.Length; i++)
        {
            int at = (first + i) % set.Length;
            if (!set[at]!.TakeUse())
            {
                return at;
            }
        }

        return first;
    }

    private Span<KeptSignatures?> SetOf(ulong hash) => _places.AsSpan(SetIndexOf(hash) * _ways, _ways);

    private int SetIndexOf(ulong hash) => (int)Math.BigMul(hash, (ulong)_sets, out _);
}
