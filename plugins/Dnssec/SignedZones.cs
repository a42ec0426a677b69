using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Dnssec;

/// <summary>The zones that are signed, each with the DNSKEY RRset at its apex.</summary>
internal sealed class SignedZones
{
    // The longest first, so that the first that fits is the closest.
    private readonly DnsName[] _names;
    private readonly RRset[] _keys;

    /// <summary>Makes the RRsets.</summary>
    /// <param name="names">The zones.</param>
    /// <param name="keys">The keys, at least one; each zone has all of them.</param>
    public SignedZones(IEnumerable<DnsName> names, IReadOnlyList<SigningKey> keys)
    {
        _names = [.. names.Distinct().OrderByDescending(n => n.LabelCount)];
        uint ttl = keys.Min(k => k.Ttl);
        _keys = [.. _names.Select(n => new RRset(n, DnsRecordType.DNSKEY, DnsRecordClass.IN, ttl, [.. keys.Select(k => k.Rdata)]))];
    }

    /// <summary>The closest zone that holds a name; null when none does.</summary>
    public DnsName? Find(DnsNameView name)
    {
        foreach (DnsName zone in _names)
        {
            if (name.IsSubdomainOf(zone.View))
            {
                return zone;
            }
        }

        return null;
    }

    /// <summary>The closest zone that an RRset belongs to: DS records belong to the zone above (RFC 4035 §2.4).</summary>
    public DnsName? Find(DnsNameView owner, DnsRecordType type) =>
        type != DnsRecordType.DS ? Find(owner) : owner.IsRoot ? null : Find(owner.Parent);

    /// <summary>The DNSKEY RRset of the zone with an apex; null when there is none.</summary>
    public RRset? KeysAt(DnsNameView apex)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (apex.Equals(_names[i].View))
            {
                return _keys[i];
            }
        }

        return null;
    }
}
