using MiniDns.Client.Transfers;
using MiniDns.Configuration;
using MiniDns.Plugins.Authority;
using MiniDns.Plugins.NameLists;
using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rpz;

/// <summary>Reads an <c>rpz</c> directive.</summary>
internal sealed class RpzReader
{
    private static readonly Dictionary<string, PolicyAction> Policies = new(StringComparer.Ordinal)
    {
        ["given"] = PolicyAction.Given,
        ["disabled"] = PolicyAction.Disabled,
        ["passthru"] = PolicyAction.Passthru,
        ["drop"] = PolicyAction.Drop,
        ["nxdomain"] = PolicyAction.NxDomain,
        ["nodata"] = PolicyAction.NoData,
        ["tcp-only"] = PolicyAction.TcpOnly,
        ["cname"] = PolicyAction.Local,
    };

    private static readonly Dictionary<string, ushort?> ErrorCodes = new(StringComparer.Ordinal)
    {
        ["blocked"] = (ushort)EdnsErrorCode.Blocked,
        ["filtered"] = (ushort)EdnsErrorCode.Filtered,
        ["censored"] = (ushort)EdnsErrorCode.Censored,
        ["prohibited"] = (ushort)EdnsErrorCode.Prohibited,
        ["forged"] = (ushort)EdnsErrorCode.ForgedAnswer,
        ["none"] = null,
    };

    private readonly NameListReader _names = new();
    private readonly List<(NamedKey Key, SourceSpan Span)> _keys = [];
    private readonly List<RpzZoneOptions> _zones = [];
    private readonly List<(string Name, List<ClientNetwork> Networks, IReadOnlyList<CorefileToken>? Zones)> _groups = [];

    /// <summary>The keys that zones are transferred with.</summary>
    public IReadOnlyList<(NamedKey Key, SourceSpan Span)> Keys => _keys;

    /// <summary>Reads the directive.</summary>
    public RpzOptions Read(DirectiveReader reader)
    {
        var options = new RpzOptions { Zones = _zones };
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["zone"] = ReadZone,
                ["allow"] = p => _names.ReadNames(p, allows: true),
                ["allow_list"] = p => _names.ReadList(p, allows: true),
                ["group"] = ReadGroup,
                ["qname_wait_recurse"] = p => options = options with { WaitsForAnswer = !p.HasArgument || p.Bool(true) },
                ["break_dnssec"] = p => options = options with { BreaksDnssec = p.Bool(true) },
                ["reload"] = p => options = options with { Reload = p.Duration(options.Reload) },
            },
            repeatable: ["zone", "allow", "allow_list", "group"]);
        if (_zones.Count == 0)
        {
            reader.Warning("has no policy zone; name one with 'zone NAME { file FILE }'");
        }
        else if (_zones.Count > RpzOptions.MaxZones)
        {
            reader.Error(reader.Directive.Span, $"there can be at most {RpzOptions.MaxZones} zones, not {_zones.Count}");
        }

        return options with
        {
            Allowed = _names.IsEmpty ? null : _names.Options("rpz", "minidns_rpz_allow", options.Reload),
            Groups = [.. _groups.Select(g => new RpzGroup(g.Networks, g.Zones is null ? ulong.MaxValue : BitsOf(reader, g.Zones)))],
        };
    }

    private void ReadZone(DirectiveReader reader)
    {
        DnsName name = reader.TryName(out DnsName? written) ? written.ToLower() : DnsName.Root;
        var zone = new RpzZoneOptions { Origin = name, ErrorCode = (ushort)EdnsErrorCode.Blocked, Place = reader.Directive.Span };
        if (written is not null && _zones.Any(z => z.Origin == name))
        {
            reader.Error($"there is a zone {zone.Origin} already");
        }

        var source = new TransferSource();
        List<TransferPrimary> primaries = [];
        bool isTransferred = false;
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["file"] = p => zone = zone with { Path = p.Path() },
                ["transfer"] = p =>
                {
                    isTransferred = true;
                    PrimaryReader.Read(p, primaries, _keys);
                },
                ["store"] = p => source = source with { StoreDirectory = p.Path("the path of a directory") },
                ["max_size"] = p => source = source with { Transfer = source.Transfer with { MaxOctets = p.Size(1, long.MaxValue, source.Transfer.MaxOctets) } },
                ["policy"] = p => zone = ReadPolicy(p, zone),
                ["max_ttl"] = p => zone = zone with { MaxTtl = (uint)p.Int(0, 86400, (int)zone.MaxTtl) },
                ["ede"] = p => zone = zone with { ErrorCode = p.Choice(ErrorCodes, zone.ErrorCode) },
                ["log"] = p => zone = zone with { LogsMatches = !p.HasArgument || p.Bool(true) },
                ["add_soa"] = p => zone = zone with { AddsSoa = p.Bool(true) },
            },
            repeatable: ["transfer"]);
        if (isTransferred == zone.Path is not null)
        {
            reader.Error(reader.Directive.Span, isTransferred
                ? "a zone is read from a file or transferred, not both"
                : "where it comes from is missing; write 'file FILE' or 'transfer from ADDRESS...' in the braces");
        }
        else if (!isTransferred && source != new TransferSource())
        {
            reader.Error(reader.Directive.Span, "'store' and 'max_size' are for zones that are transferred");
        }

        if (isTransferred)
        {
            zone = zone with { Source = source with { Primaries = primaries } };
        }

        _zones.Add(zone);
    }

    private static RpzZoneOptions ReadPolicy(DirectiveReader reader, RpzZoneOptions zone)
    {
        PolicyAction action = reader.Choice(Policies, PolicyAction.Given);
        switch (action)
        {
            case PolicyAction.Given:
                return zone with { Override = null, IsDisabled = false };
            case PolicyAction.Disabled:
                return zone with { Override = null, IsDisabled = true };
            case PolicyAction.Local:
                return reader.TryName(out DnsName? target)
                    ? zone with { Override = PolicyRule.AliasTo(target, RpzZoneOptions.DefaultMaxTtl), IsDisabled = false }
                    : zone;
            default:
                return zone with { Override = PolicyRule.Of(action), IsDisabled = false };
        }
    }

    private void ReadGroup(DirectiveReader reader)
    {
        List<ClientNetwork> networks = [];
        string name = NameListReader.ReadGroup(reader, _groups.Select(g => g.Name), networks);
        IReadOnlyList<CorefileToken>? zones = null;
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["zones"] = p =>
            {
                p.ArgumentCount(1, int.MaxValue, "zones NAME...");
                zones = p.Rest();
            },
            ["off"] = _ => zones = [],
        });
        _groups.Add((name, networks, zones));
    }

    /// <summary>Finds a group's zones, which may stand behind it.</summary>
    private ulong BitsOf(DirectiveReader reader, IReadOnlyList<CorefileToken> names)
    {
        ulong bits = 0;
        foreach (CorefileToken word in names)
        {
            int zone = DnsName.TryParse(word.Text, null, out DnsName? name, out _) ? _zones.FindIndex(z => z.Origin == name.ToLower()) : -1;
            if (zone < 0)
            {
                reader.Error(word.Span, $"group: zones: there is no zone '{word.Text}'{NearNames.Hint(word.Text, [.. _zones.Select(z => z.Origin.ToString())])}");
                continue;
            }

            bits |= 1UL << zone;
        }

        return bits;
    }
}
