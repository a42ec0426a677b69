namespace MiniDns.Plugins.Rpz;

/// <summary>A rule that holds for a query, and how it was found. The default value is no rule.</summary>
internal readonly record struct PolicyMatch
{
    private PolicyMatch(int zone, PolicyZone version, PolicyRule rule, PolicyTrigger trigger)
    {
        Zone = zone;
        Version = version;
        Rule = rule;
        Trigger = trigger;
    }

    /// <summary>True when there is a rule.</summary>
    public bool IsFound => Rule is not null;

    /// <summary>The place of the zone in the order of precedence.</summary>
    public int Zone { get; }

    /// <summary>The zone as it was.</summary>
    public PolicyZone Version { get; } = null!;

    /// <summary>The rule, as the zone has it.</summary>
    public PolicyRule Rule { get; } = null!;

    /// <summary>The trigger.</summary>
    public PolicyTrigger Trigger { get; }

    /// <summary>The network that matched, for triggers with addresses.</summary>
    public PolicyNetwork Network { get; private init; }

    /// <summary>How many octets of the name matched, for triggers with names; see <see cref="PolicyNames.Find"/>.</summary>
    public int Length { get; private init; }

    /// <summary>The name server's name that matched, in lower case; null for other triggers.</summary>
    public byte[]? Server { get; private init; }

    /// <summary>A rule that was found by a name.</summary>
    public static PolicyMatch ByName(int zone, PolicyZone version, PolicyRule rule, PolicyTrigger trigger, int length, byte[]? server = null) =>
        new(zone, version, rule, trigger) { Length = length, Server = server };

    /// <summary>A rule that was found by an address.</summary>
    public static PolicyMatch ByAddress(int zone, PolicyZone version, PolicyRule rule, PolicyTrigger trigger, PolicyNetwork network) =>
        new(zone, version, rule, trigger) { Network = network };

    /// <summary>True when this one comes before another in precedence: by zone, by trigger, by the longest prefix, by the smallest address.</summary>
    public bool IsBefore(in PolicyMatch other)
    {
        if (!other.IsFound || !IsFound)
        {
            return IsFound;
        }

        if (Zone != other.Zone)
        {
            return Zone < other.Zone;
        }

        if (Trigger != other.Trigger)
        {
            return Trigger < other.Trigger;
        }

        return Network.Length != other.Network.Length ? Network.Length > other.Network.Length : Network.Bits < other.Network.Bits;
    }
}
