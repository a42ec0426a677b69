using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Rewrite;

/// <summary>The name in a record's rdata that <c>answer value</c> and <c>answer auto</c> look at.</summary>
internal static class ValueName
{
    /// <summary>True for types with such a name.</summary>
    public static bool Has(DnsRecordType type) => type is DnsRecordType.CNAME or DnsRecordType.DNAME or DnsRecordType.SOA or DnsRecordType.SRV
        or DnsRecordType.MX or DnsRecordType.NAPTR or DnsRecordType.NS or DnsRecordType.PTR;

    /// <summary>Finds the name.</summary>
    /// <param name="type">The record's type.</param>
    /// <param name="rdata">The rdata, names uncompressed.</param>
    /// <param name="at">Where the name starts.</param>
    /// <param name="end">Where it ends.</param>
    public static bool TryFind(DnsRecordType type, ReadOnlySpan<byte> rdata, out int at, out int end)
    {
        end = 0;
        at = type switch
        {
            DnsRecordType.SRV => 6,
            DnsRecordType.MX => 2,
            DnsRecordType.NAPTR => AfterTexts(rdata),
            _ => 0,
        };
        if (at >= rdata.Length || !DnsNameView.TryRead(rdata[at..], out DnsNameView name))
        {
            return false;
        }

        end = at + name.Length;
        return true;
    }

    /// <summary>Where NAPTR's replacement starts: after two numbers and three character strings (RFC 3403 §4.1).</summary>
    private static int AfterTexts(ReadOnlySpan<byte> rdata)
    {
        int at = 4;
        for (int i = 0; i < 3 && at < rdata.Length; i++)
        {
            at += 1 + rdata[at];
        }

        return at;
    }
}
