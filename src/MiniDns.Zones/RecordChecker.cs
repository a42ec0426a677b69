using System.Globalization;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>What the records of one name must not be, each alone and beside each other.</summary>
internal sealed class RecordChecker(ZoneBuilder builder)
{
    private const int MaxRecords = ushort.MaxValue;

    /// <summary>The apex must have one SOA, and should have NS (RFC 1035 §5.2).</summary>
    /// <returns>True when it has a SOA.</returns>
    public bool CheckApex()
    {
        bool hasSoa = false;
        bool hasNameServers = false;
        for (int record = builder.Names[0].FirstRecord; record >= 0; record = builder.Records.Next(record))
        {
            DnsRecordType type = builder.Records.TypeOf(record);
            hasSoa |= type == DnsRecordType.SOA;
            hasNameServers |= type == DnsRecordType.NS;
        }

        if (!hasSoa)
        {
            builder.Problems.Error(new ZonePlace(builder.PlaceOf(0, DnsRecordType.SOA).File), $"there must be a SOA record at {builder.Origin}");
        }
        else if (!hasNameServers)
        {
            builder.Problems.Warning(builder.PlaceOf(0, DnsRecordType.SOA), $"there should be NS records at {builder.Origin}");
        }

        return hasSoa;
    }

    /// <summary>Says that the records of an RRset have different TTLs (RFC 2181 §5.2).</summary>
    public void WarnOfTtl(int node, DnsRecordType type, uint ttl, int record) =>
        builder.Problems.Warning(builder.PlaceOf(record), string.Create(CultureInfo.InvariantCulture, $"the TTL of {builder.Names.NameAt(node).ToString()} {DnsTypeText.Format(type)} must be the same in all records; {ttl} of the first one is used"));

    /// <summary>Says that there are too many records of a type.</summary>
    public void CheckCount(int node, DnsRecordType type, int records, int second)
    {
        if (records > MaxRecords)
        {
            builder.Problems.Error(builder.PlaceOf(second), string.Create(CultureInfo.InvariantCulture, $"there must be at most {MaxRecords} {DnsTypeText.Format(type)} records at {builder.Names.NameAt(node).ToString()}"));
        }

        // RFC 1034 §3.6.2, RFC 6672 §2.4
        if (records > 1 && type is DnsRecordType.CNAME or DnsRecordType.DNAME or DnsRecordType.SOA)
        {
            builder.Problems.Error(builder.PlaceOf(second), $"there must be one {DnsTypeText.Format(type)} record only at {builder.Names.NameAt(node).ToString()}");
        }
    }

    /// <summary>Checks which types stand beside each other at a name, and where they may stand at all.</summary>
    /// <param name="node">The name.</param>
    /// <param name="keys">The sorted keys of its records: the type and, in the 33rd bit, whether it is a signature.</param>
    public void CheckTypes(int node, ReadOnlySpan<ulong> keys)
    {
        if ((builder.Names[node].Traits & NodeTraits.Cname) == 0)
        {
            return;
        }

        foreach (ulong key in keys)
        {
            var type = (DnsRecordType)(key >> 33);
            bool isSignature = (key >> 32 & 1) != 0;
            if (!isSignature && type is not (DnsRecordType.CNAME or DnsRecordType.NSEC or DnsRecordType.KEY or DnsRecordType.NXT))
            {
                // RFC 2181 §10.1, RFC 4034 §4
                builder.Problems.Error(builder.PlaceOf(node, DnsRecordType.CNAME), $"{builder.Names.NameAt(node).ToString()} has CNAME and {DnsTypeText.Format(type)}; a CNAME must not have other data beside it");
                return;
            }
        }
    }
}
