namespace MiniDns.Plugins.Dnssec;

/// <summary>The signatures of one RRset.</summary>
/// <param name="hash">The hash of what they depend on.</param>
/// <param name="content">What they depend on, in full.</param>
/// <param name="signatures">The rdata of each RRSIG record.</param>
/// <param name="inception">When they begin to be valid, in seconds since 1970.</param>
/// <param name="renewal">When there should be new ones.</param>
/// <param name="deadline">When there have to be new ones.</param>
internal sealed class KeptSignatures(ulong hash, byte[] content, byte[][] signatures, long inception, long renewal, long deadline)
{
    private bool _isUsed;

    /// <summary>The hash of what they depend on.</summary>
    public ulong Hash => hash;

    /// <summary>The rdata of each RRSIG record.</summary>
    public byte[][] Signatures => signatures;

    /// <summary>True when they are those of this content.</summary>
    public bool IsOf(ulong otherHash, ReadOnlySpan<byte> otherContent) => hash == otherHash && otherContent.SequenceEqual(content);

    /// <summary>True while nobody need sign anew. A clock that was set back counts too.</summary>
    public bool IsFresh(long now) => now >= inception && now < renewal;

    /// <summary>True while they do, if somebody signs anew just now.</summary>
    public bool IsTolerable(long now) => now >= inception && now < deadline;

    /// <summary>Notes that they were asked for.</summary>
    public void Touch()
    {
        if (!_isUsed)
        {
            _isUsed = true;     // written once: others read the same cache line
        }
    }

    /// <summary>Tells whether they were asked for since the last call.</summary>
    public bool TakeUse()
    {
        bool wasUsed = _isUsed;
        _isUsed = false;
        return wasUsed;
    }
}
