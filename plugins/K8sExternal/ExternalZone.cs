using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>One zone of a directive.</summary>
internal sealed class ExternalZone
{
    private static readonly DnsName IPv4Reverse = DnsName.Parse("in-addr.arpa.");
    private static readonly DnsName IPv6Reverse = DnsName.Parse("ip6.arpa.");

    /// <summary>Makes the zone and the names in it that are always there.</summary>
    /// <param name="name">Its name, in lower case.</param>
    /// <param name="apex">The label that the names of servers lie under.</param>
    public ExternalZone(DnsName name, string apex)
    {
        Name = name;
        IsReverse = IsReverseName(name);
        byte[] label = [(byte)apex.Length, .. System.Text.Encoding.ASCII.GetBytes(apex)];
        Apex = Join(label, name);
        Server = Join([3, (byte)'n', (byte)'s', (byte)'1'], Apex);
        HostMaster = Join([10, .. "hostmaster"u8], Apex);
    }

    /// <summary>Its name.</summary>
    public DnsName Name { get; }

    /// <summary>True for a zone of addresses.</summary>
    public bool IsReverse { get; }

    /// <summary><c>dns.ZONE</c>.</summary>
    public DnsName Apex { get; }

    /// <summary><c>ns1.dns.ZONE</c>.</summary>
    public DnsName Server { get; }

    /// <summary><c>hostmaster.dns.ZONE</c>.</summary>
    public DnsName HostMaster { get; }

    /// <summary>True for a name in a zone of addresses.</summary>
    public static bool IsReverseName(DnsName name) => name.IsSubdomainOf(IPv4Reverse) || name.IsSubdomainOf(IPv6Reverse);

    /// <summary>True when the zone's own names are too long for it.</summary>
    public static bool IsTooLong(DnsName name, string apex) => name.Length + apex.Length + 1 + "\nhostmaster".Length > DnsNameView.MaxLength;

    private static DnsName Join(ReadOnlySpan<byte> label, DnsName name) =>
        DnsName.TryFromWire([.. label, .. name.Wire], out DnsName? joined) ? joined : throw new ArgumentException("the name is too long", nameof(name));
}
