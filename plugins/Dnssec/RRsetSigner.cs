using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Dnssec;

/// <summary>Signs RRsets, or finds the signatures that were made before.</summary>
/// <remarks>A signature is good from three hours before it was made to eight days after, as in CoreDNS. From the sixth day on, a little
/// earlier for some than for others, there is a new one.</remarks>
internal sealed class RRsetSigner
{
    /// <summary>The TTL that is signed, in seconds: the zone's own is not known here. As in CoreDNS.</summary>
    public const uint OriginalTtl = 3600;

    private const int Hour = 3600;
    private const int Day = 24 * Hour;
    private const int BeforeNow = 3 * Hour;
    private const int Validity = 8 * Day;
    private const int Renewal = 6 * Day;
    private const int Jitter = 12 * Hour;
    private const int Deadline = 7 * Day;

    private readonly SignatureCache _cache;
    private readonly TimeProvider _time;
    private readonly SigningKey[] _keySigners;
    private readonly SigningKey[] _signers;

    /// <summary>Shares out the work between the keys.</summary>
    public RRsetSigner(DnssecOptions options, SignatureCache cache, TimeProvider time)
    {
        _cache = cache;
        _time = time;
        _keySigners = [.. options.Keys.Where(k => !options.IsSplit || k.IsEntryPoint)];
        _signers = [.. options.Keys.Where(k => !options.IsSplit || !k.IsEntryPoint)];
    }

    /// <summary>The rdata of an RRset's RRSIG records.</summary>
    /// <param name="records">The RRset, complete.</param>
    /// <param name="counters">Take whether it was signed before.</param>
    public byte[][] SignaturesOf(CanonicalRRset records, DnssecCounters counters)
    {
        ReadOnlySpan<byte> content = records.Octets;
        ulong hash = DnsNameHash.Compute(content);
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        if (_cache.Find(hash, content) is { } found && found.IsFresh(now))
        {
            counters.Hits.Increment();
            return found.Signatures;
        }

        counters.Misses.Increment();
        return SignOnce(records, hash, now);
    }

    private byte[][] SignOnce(CanonicalRRset records, ulong hash, long now)
    {
        // Whoever comes second waits for the first: that is sooner done than to sign as well. What is to be renewed is still good.
        Lock gate = _cache.LockOf(hash);
        KeptSignatures? found = _cache.Find(hash, records.Octets);
        if (found is null || !found.IsTolerable(now))
        {
            gate.Enter();
        }
        else if (!gate.TryEnter())
        {
            return found.Signatures;
        }

        try
        {
            found = _cache.Find(hash, records.Octets);
            if (found is null || !found.IsFresh(now))
            {
                found = Sign(records, hash, now);
                _cache.Keep(found, records.Octets);
            }

            return found.Signatures;
        }
        finally
        {
            gate.Exit();
        }
    }

    private KeptSignatures Sign(CanonicalRRset records, ulong hash, long now)
    {
        SigningKey[] keys = records.Type == DnsRecordType.DNSKEY ? _keySigners : _signers;
        byte[][] signatures = new byte[keys.Length][];
        for (int i = 0; i < keys.Length; i++)
        {
            signatures[i] = keys[i].Sign(records, (uint)(now - BeforeNow), (uint)(now + Validity));
        }

        return new KeptSignatures(hash, records.Octets.ToArray(), signatures, now - BeforeNow, now + Renewal - (long)(hash % Jitter), now + Deadline);
    }
}
