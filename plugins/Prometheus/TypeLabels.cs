using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Prometheus;

/// <summary>The query types that are counted by name; all others together.</summary>
internal static class TypeLabels
{
    private static readonly DnsRecordType[] Known =
    [
        DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.MX, DnsRecordType.SOA, DnsRecordType.CNAME, DnsRecordType.PTR, DnsRecordType.TXT,
        DnsRecordType.NS, DnsRecordType.SRV, DnsRecordType.DS, DnsRecordType.DNSKEY, DnsRecordType.RRSIG, DnsRecordType.NSEC, DnsRecordType.NSEC3,
        DnsRecordType.HTTPS, DnsRecordType.IXFR, DnsRecordType.AXFR, DnsRecordType.ANY,
    ];

    private static readonly byte[] Places = MakePlaces();

    /// <summary>How many labels there are; the last is that of all other types.</summary>
    public const int Count = 19;

    /// <summary>A type's label, as a number.</summary>
    public static int IndexOf(DnsRecordType type) => (int)type < Places.Length ? Places[(int)type] : Count - 1;

    /// <summary>A label's text.</summary>
    public static string Of(int index) => index < Known.Length ? Known[index].ToString() : "other";

    private static byte[] MakePlaces()
    {
        byte[] places = new byte[256];
        Array.Fill(places, (byte)Known.Length);
        for (int i = 0; i < Known.Length; i++)
        {
            places[(int)Known[i]] = (byte)i;
        }

        return places;
    }
}
