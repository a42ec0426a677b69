using MiniDns.Protocol.Names;

namespace MiniDns.Plugins;

/// <summary>The zones for which a plugin that has no answer passes the query on.</summary>
public sealed class Fallthrough
{
    private readonly DnsName[] _zones;

    private Fallthrough(DnsName[] zones) => _zones = zones;

    /// <summary>Never passes on.</summary>
    public static Fallthrough None { get; } = new([]);

    /// <summary>Always passes on.</summary>
    public static Fallthrough Everything { get; } = new([DnsName.Root]);

    /// <summary>Passes on below the given zones; no zones means everything, as the bare word <c>fallthrough</c> does.</summary>
    public static Fallthrough For(IReadOnlyCollection<DnsName> zones) => zones.Count == 0 ? Everything : new([.. zones]);

    /// <summary>True when a name's query is passed on.</summary>
    public bool Covers(DnsNameView name)
    {
        foreach (DnsName zone in _zones)
        {
            if (name.IsSubdomainOf(zone.View))
            {
                return true;
            }
        }

        return false;
    }
}
