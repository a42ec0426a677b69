using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Acl;

/// <summary>One occurrence of the directive: the zones that it is for, and its lines, of which the first that fits counts.</summary>
internal sealed class AclRule
{
    private readonly DnsNameTable<AclZone> _zones;
    private readonly AclZone? _root;

    /// <summary>Makes a rule.</summary>
    /// <param name="zones">The zones.</param>
    /// <param name="policies">The lines, in order.</param>
    /// <param name="registry">Where the zones' counters are.</param>
    /// <param name="block">The rule's block.</param>
    public AclRule(IReadOnlyList<DnsName> zones, IReadOnlyList<AclPolicy> policies, MetricRegistry registry, ServerBlockInfo block)
    {
        Policies = [.. policies];
        List<KeyValuePair<DnsName, AclZone>> entries = [.. zones.Distinct().Select(z => new KeyValuePair<DnsName, AclZone>(z, new AclZone(z, registry, block)))];
        _zones = new DnsNameTable<AclZone>(entries);
        _root = entries is [{ Key.IsRoot: true } only] ? only.Value : null;
        Zones = [.. entries.Select(e => e.Value)];
        CoversEverything = entries.Exists(e => e.Key.IsRoot);
    }

    /// <summary>The lines, in order.</summary>
    public AclPolicy[] Policies { get; }

    /// <summary>The zones.</summary>
    public IReadOnlyList<AclZone> Zones { get; }

    /// <summary>True when it is for every name.</summary>
    public bool CoversEverything { get; }

    /// <summary>The longest of the rule's zones that a name belongs to; null when it belongs to none.</summary>
    public AclZone? Match(DnsNameView name) => _root ?? (_zones.TryGetLongestSuffix(name, out AclZone? zone, out _) ? zone : null);
}
