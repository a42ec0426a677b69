using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>Reads which zones a catalog zone lists (RFC 9432 §4). Properties other than <c>version</c> and <c>coo</c> mean nothing to a secondary.</summary>
internal static class CatalogReader
{
    /// <summary>The most zones that a catalog may list.</summary>
    public const int MaxMembers = 200_000;

    private static readonly DnsName Zones = DnsName.Parse("zones");
    private static readonly DnsName Version = DnsName.Parse("version");

    /// <summary>Reads a catalog.</summary>
    /// <param name="zone">The catalog zone.</param>
    /// <param name="members">The zones it lists, by name.</param>
    /// <param name="error">Why it is broken and must not be used (RFC 9432 §5.1).</param>
    public static bool TryRead(Zone zone, [NotNullWhen(true)] out Dictionary<DnsName, CatalogMember>? members, [NotNullWhen(false)] out string? error)
    {
        members = null;
        if (!zone.TryGetRecords(zone.Origin.View, DnsRecordType.NS, out _))
        {
            error = $"catalog {zone.Origin} has no NS records";
            return false;
        }

        if (!HasVersion(zone, out error) || !DnsName.TryConcat(Zones.View, zone.Origin.View, out DnsName? parent))
        {
            error ??= $"catalog {zone.Origin} has a name too long for members";
            return false;
        }

        Dictionary<DnsName, CatalogMember> found = [];
        Dictionary<DnsName, DnsName> owners = [];
        int depth = parent.LabelCount;
        foreach (RRsetView set in zone.Records)
        {
            if (set.Type != DnsRecordType.PTR || !set.Owner.IsSubdomainOf(parent.View))
            {
                continue;
            }

            int below = set.Owner.LabelCount - depth;
            bool isOwner = below == 2 && IsCoo(set.Owner);
            if (below != 1 && !isOwner)
            {
                continue;
            }

            if (set.Count != 1)
            {
                error = $"{set.Owner.ToString()} must have one PTR record only";
                return false;
            }

            DnsNameView.TryRead(set.First, out DnsNameView target);
            if (isOwner)
            {
                owners[set.Owner.Parent.ToName()] = target.ToName().ToLower();
                continue;
            }

            DnsName member = target.ToName().ToLower();
            if (!found.TryAdd(member, new CatalogMember(member, set.Owner.ToName().ToLower(), null)))
            {
                error = $"{member} is listed twice, by {found[member].Id} and {set.Owner.ToString()}";
                return false;
            }

            if (found.Count > MaxMembers)
            {
                error = string.Create(CultureInfo.InvariantCulture, $"catalog {zone.Origin} lists more than {MaxMembers} zones");
                return false;
            }
        }

        members = found;
        foreach (CatalogMember member in found.Values.Where(m => owners.ContainsKey(m.Id)).ToArray())
        {
            found[member.Zone] = member with { NewOwner = owners[member.Id] };
        }

        // Members move between catalogs by their label alone.
        foreach (CatalogMember member in found.Values.ToArray())
        {
            DnsNameView.TryRead([.. member.Id.Wire[..(member.Id.Wire[0] + 1)], 0], out DnsNameView label);
            found[member.Zone] = member with { Id = label.ToName() };
        }

        return true;
    }

    private static bool HasVersion(Zone zone, out string? error)
    {
        error = null;
        if (!DnsName.TryConcat(Version.View, zone.Origin.View, out DnsName? owner) || !zone.TryGetRecords(owner.View, DnsRecordType.TXT, out RRsetView text) || text.Count != 1)
        {
            error = $"catalog {zone.Origin} must have one version TXT record";
        }
        else if (!text.First.SequenceEqual("\u00012"u8))
        {
            error = $"catalog {zone.Origin} must have version 2 (RFC 9432 §4.2.1)";
        }

        return error is null;
    }

    private static bool IsCoo(DnsNameView owner) =>
        owner.FirstLabel.Length == 3 && (owner.FirstLabel[0] | 0x20) == 'c' && (owner.FirstLabel[1] | 0x20) == 'o' && (owner.FirstLabel[2] | 0x20) == 'o';
}
