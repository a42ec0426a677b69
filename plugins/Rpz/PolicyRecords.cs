using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Rpz;

/// <summary>What the records of a policy zone mean (draft-vixie-dnsop-dns-rpz §3).</summary>
internal static class PolicyRecords
{
    private static readonly (PolicyAction Action, DnsName Alias)[] Aliases =
    [
        (PolicyAction.NxDomain, DnsName.Root),
        (PolicyAction.NoData, DnsName.Parse("*.")),
        (PolicyAction.Passthru, DnsName.Parse("rpz-passthru.")),
        (PolicyAction.Drop, DnsName.Parse("rpz-drop.")),
        (PolicyAction.TcpOnly, DnsName.Parse("rpz-tcp-only.")),
    ];

    /// <summary>The name that an action is an alias to; null when it is none.</summary>
    public static DnsName? AliasOf(PolicyAction action)
    {
        foreach ((PolicyAction candidate, DnsName alias) in Aliases)
        {
            if (candidate == action)
            {
                return alias;
            }
        }

        return null;
    }

    /// <summary>True for records that are not policy: of the zone itself, or of its signatures (draft-vixie-dnsop-dns-rpz §3.6).</summary>
    public static bool IsOfZone(DnsRecordType type, bool isApex) =>
        isApex || type is DnsRecordType.RRSIG or DnsRecordType.NSEC or DnsRecordType.NSEC3 or DnsRecordType.NSEC3PARAM or DnsRecordType.DNSKEY
            or DnsRecordType.DS or DnsRecordType.CDS or DnsRecordType.CDNSKEY or DnsRecordType.SIG or DnsRecordType.KEY or DnsRecordType.NXT;

    /// <summary>Reads what a record does.</summary>
    /// <param name="owner">What its owner says.</param>
    /// <param name="type">Its type.</param>
    /// <param name="rdata">Its rdata.</param>
    /// <param name="action">The action.</param>
    /// <param name="error">What is wrong; null when nothing is.</param>
    public static bool TryReadAction(in PolicyOwner owner, DnsRecordType type, ReadOnlySpan<byte> rdata, out PolicyAction action, out string? error)
    {
        action = PolicyAction.Local;
        error = null;
        if (type is DnsRecordType.NS or DnsRecordType.DNAME or DnsRecordType.SOA)
        {
            error = $"{DnsTypeText.Format(type)} must not be local data";
            return false;
        }

        if (type != DnsRecordType.CNAME)
        {
            return true;
        }

        var target = new DnsNameView(rdata);
        foreach ((PolicyAction candidate, DnsName alias) in Aliases)
        {
            if (target.Equals(alias.View))
            {
                action = candidate;
                return true;
            }
        }

        if (target.LabelCount == 1 && target.FirstLabel.Length > 4 && new DnsNameView([4, .. target.FirstLabel[..4], 0]).Equals(new DnsNameView("\u0004rpz-\0"u8)))
        {
            error = $"'{target.ToString()}' is no action; there are rpz-passthru., rpz-drop. and rpz-tcp-only.";
            return false;
        }

        // The old way to write PASSTHRU: an alias to the name itself.
        if (owner.IsName && !owner.IsWildcard && owner.Trigger == PolicyTrigger.Qname && target.Equals(new DnsNameView(owner.Name)))
        {
            action = PolicyAction.Passthru;
        }

        return true;
    }
}
