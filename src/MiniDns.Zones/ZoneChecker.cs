using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>What names of a zone say about each other: the checks that named-checkzone makes beyond single names.</summary>
internal static class ZoneChecker
{
    private const int MaxIterations = 2500;         // RFC 5155 §10.3
    private const int SuspectIterations = 100;      // RFC 9276 §3.1 wants 0

    /// <summary>Checks those names of a zone that its builder has just collected.</summary>
    public static void Check(Zone zone, ZoneBuilder builder, INodeNumbers numbers)
    {
        for (int i = 0; i < builder.Names.Count; i++)
        {
            if (builder.Names[i].FirstRecord < 0)
            {
                continue;
            }

            ZoneNode node = zone.NodeAt(numbers.IdOf(i));
            NodeTraits traits = node.Traits;
            if ((traits & (NodeTraits.Hidden | NodeTraits.Hashed)) != 0)
            {
                continue;
            }

            foreach (NodeRRset set in node)
            {
                switch (set.Type)
                {
                    case DnsRecordType.SOA when i != 0:
                        builder.Problems.Error(builder.PlaceOf(i, DnsRecordType.SOA), $"a SOA record must be at the top of the zone, {zone.Origin}");
                        break;
                    case DnsRecordType.DS when i == 0:
                        builder.Problems.Warning(builder.PlaceOf(i, DnsRecordType.DS), $"a DS record at the top of the zone is never asked for here; it belongs into the zone above {zone.Origin}");
                        break;
                    case DnsRecordType.NS:
                        CheckTargets(zone, builder, i, node, set, 0);
                        break;
                    case DnsRecordType.MX:
                        CheckTargets(zone, builder, i, node, set, 2);
                        break;
                    case DnsRecordType.SRV:
                        CheckTargets(zone, builder, i, node, set, 6);
                        break;
                    default:
                        break;
                }
            }

            if (i != 0 && node.Name.IsWildcard && node.Has(DnsRecordType.NS))
            {
                builder.Problems.Warning(builder.PlaceOf(i, DnsRecordType.NS), $"{node.Name.ToString()} has NS; a wildcard cannot delegate (RFC 4592 §4.2)");
            }
        }

        CheckChain(zone, builder);
    }

    private static void CheckTargets(Zone zone, ZoneBuilder builder, int id, in ZoneNode owner, in NodeRRset set, int offset)
    {
        foreach (ReadOnlySpan<byte> rdata in set.Records)
        {
            DnsNameView.TryRead(rdata[offset..], out DnsNameView target);
            if (target.IsRoot || !target.IsSubdomainOf(zone.Origin.View))
            {
                continue;
            }

            string? problem = null;
            bool exists = zone.TryFind(target, target.Hash, out ZoneNode node);
            if (!exists)
            {
                problem = IsElsewhere(zone, target, owner) ? null : "does not exist";
            }
            else if ((node.Traits & NodeTraits.Cname) != 0 && (node.Traits & NodeTraits.Hidden) == 0)
            {
                problem = "is a CNAME, which is not allowed (RFC 2181 §10.3)";
            }
            else if (!node.Has(DnsRecordType.A) && !node.Has(DnsRecordType.AAAA) && !IsElsewhere(zone, target, owner))
            {
                problem = "has no A or AAAA records";
            }

            if (problem is not null)
            {
                builder.Problems.Warning(builder.PlaceOf(id, set.Type), $"{owner.Name.ToString()} {DnsTypeText.Format(set.Type)}: {target.ToString()} {problem}");
            }
        }
    }

    /// <summary>True when the addresses of a target are for others to know: it is below another cut than the one it serves, below a DNAME, or a wildcard stands in for it.</summary>
    private static bool IsElsewhere(Zone zone, DnsNameView target, in ZoneNode owner)
    {
        for (DnsNameView above = target; ; above = above.Parent)
        {
            if (!zone.TryFind(above, above.Hash, out ZoneNode node))
            {
                continue;
            }

            ZoneNode top = (node.Traits & NodeTraits.Hidden) != 0 ? zone.NodeAt(node.Link) : node;
            if ((top.Traits & NodeTraits.Cut) != 0)
            {
                return top.Id != owner.Id;
            }

            return ((top.Traits & NodeTraits.Dname) != 0 && !top.Name.Equals(target)) || (node.Wildcard >= 0 && !node.Name.Equals(target));
        }
    }

    private static void CheckChain(Zone zone, ZoneBuilder builder)
    {
        if (zone.Nsec3 is { } chain && chain.Iterations > SuspectIterations)
        {
            string message = $"NSEC3 with {chain.Iterations} iterations makes every denial slow; it should be 0 (RFC 9276 §3.1)";
            if (chain.Iterations > MaxIterations)
            {
                builder.Problems.Error(builder.PlaceOf(0, DnsRecordType.NSEC3PARAM), message);
            }
            else
            {
                builder.Problems.Warning(builder.PlaceOf(0, DnsRecordType.NSEC3PARAM), message);
            }
        }
    }
}
