using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Secondary;

/// <summary>Which zones the catalogs of a block have brought (RFC 9432 §5).</summary>
internal sealed class CatalogMembers(SecondaryZones zones, ILogger logger)
{
    private readonly Lock _lock = new();             // taken before the one of the zones
    private readonly Dictionary<DnsName, Dictionary<DnsName, CatalogMember>> _catalogs = [];
    private readonly Dictionary<DnsName, Owned> _owned = [];

    /// <summary>Adds, removes, moves and resets zones until they are what a catalog says.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="members">What it lists.</param>
    public void Apply(SecondaryZone catalog, Dictionary<DnsName, CatalogMember> members)
    {
        lock (_lock)
        {
            _catalogs[catalog.Origin] = members;
            List<SecondaryZone> removed = [];
            List<(SecondaryZone, bool)> added = [];
            int reset = 0;
            int skipped = 0;
            int fresh = 0;
            foreach (CatalogMember member in members.Values)
            {
                if (!catalog.Options.Accepts(member.Zone))
                {
                    skipped++;
                }
                else if (!_owned.TryGetValue(member.Zone, out Owned? owned))
                {
                    if (zones.TryGet(member.Zone, out _))
                    {
                        skipped++;
                        SecondaryLog.MemberClash(logger, catalog.Origin.ToString(), member.Zone.ToString());
                        continue;
                    }

                    fresh++;
                    added.Add((Own(member, catalog), false));
                }
                else if (owned.Catalog == catalog.Origin)
                {
                    if (owned.Id != member.Id)
                    {
                        // RFC 9432 §5.4: nothing of the zone that was listed under the other label may live on.
                        reset++;
                        removed.Add(owned.Zone);
                        added.Add((Own(member, catalog), false));
                    }
                }
                else if (MayMove(member.Zone, owned, catalog.Origin))
                {
                    // RFC 9432 §4.4.1: with the same label, the zone keeps its data.
                    bool continues = owned.Id == member.Id;
                    removed.Add(owned.Zone);
                    added.Add((Own(member, catalog), continues));
                    SecondaryLog.MemberMoved(logger, member.Zone.ToString(), owned.Catalog.ToString(), catalog.Origin.ToString(), continues ? "" : "; it starts anew");
                }
                else
                {
                    skipped++;
                    SecondaryLog.MemberClash(logger, catalog.Origin.ToString(), member.Zone.ToString());
                }
            }

            int gone = 0;
            foreach (Owned owned in _owned.Values.Where(o => o.Catalog == catalog.Origin && !members.ContainsKey(o.Zone.Origin)).ToArray())
            {
                gone++;
                _owned.Remove(owned.Zone.Origin);
                removed.Add(owned.Zone);
            }

            if (removed.Count + added.Count > 0)
            {
                zones.Replace(removed, added);
            }

            SecondaryLog.CatalogApplied(logger, catalog.Origin.ToString(), members.Count, fresh, gone, reset, skipped);
        }
    }

    private SecondaryZone Own(CatalogMember member, SecondaryZone catalog)
    {
        SecondaryZone zone = zones.MakeMember(member.Zone, catalog);
        _owned[member.Zone] = new Owned(zone, catalog.Origin, member.Id);
        return zone;
    }

    /// <summary>True when the catalog that has a zone gives it to another one.</summary>
    private bool MayMove(DnsName zone, Owned owned, DnsName to) =>
        _catalogs.TryGetValue(owned.Catalog, out Dictionary<DnsName, CatalogMember>? members)
        && members.TryGetValue(zone, out CatalogMember? member)
        && member.NewOwner == to;

    private sealed record Owned(SecondaryZone Zone, DnsName Catalog, DnsName Id);
}
