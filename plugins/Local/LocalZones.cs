using System.Net;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Local;

/// <summary>The zones of RFC 1912 §4.1, made once.</summary>
internal static class LocalZones
{
    /// <summary><c>localhost.</c>, with both loopback addresses.</summary>
    public static LocalZone Localhost { get; } = new("localhost.", Address(IPAddress.Loopback), Address(IPAddress.IPv6Loopback));

    /// <summary>All zones.</summary>
    public static LocalZone[] All { get; } = [Localhost, new("0.in-addr.arpa."), new("127.in-addr.arpa."), new("255.in-addr.arpa.")];

    /// <summary>The only record below a reverse zone: <c>1.0.0.127.in-addr.arpa. PTR localhost.</c></summary>
    public static RRset Pointer { get; } =
        new(DnsName.Parse("1.0.0.127.in-addr.arpa."), DnsRecordType.PTR, DnsRecordClass.IN, LocalZone.Ttl, [DnsName.Parse("localhost.").Wire.ToArray()]);

    private static RRset Address(IPAddress address)
    {
        byte[] octets = address.GetAddressBytes();
        return new RRset(DnsName.Parse("localhost."), octets.Length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, DnsRecordClass.IN, LocalZone.Ttl, [octets]);
    }
}
