using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using static MiniDns.Protocol.Records.DnsRecordType;

namespace MiniDns.Plugins.Dnssec;

/// <summary>The rdata of NSEC records that deny one type of one name and nothing else.</summary>
/// <remarks>Nothing is known of the other types that a name has, so all that are likely are said to be there: a resolver that
/// concludes from NSEC records what it was not told (RFC 8198) would else deny them.</remarks>
internal static class BlackLie
{
    /// <summary>The most octets of the rdata.</summary>
    public const int MaxLength = DnsNameView.MaxLength + 64;

    private static readonly byte[] Cut = TypeBitmap.Of(NS, RRSIG, NSEC);

    private static readonly byte[] Name = TypeBitmap.Of(
        A, PTR, HINFO, MX, TXT, RP, AAAA, LOC, SRV, NAPTR, CERT, DNAME, SSHFP, RRSIG, NSEC, TLSA, SMIMEA, HIP, OPENPGPKEY, SVCB, HTTPS, SPF, URI, CAA);

    private static readonly byte[] Apex = TypeBitmap.Of(
        A, NS, SOA, PTR, HINFO, MX, TXT, RP, AAAA, LOC, SRV, NAPTR, CERT, DNAME, SSHFP, RRSIG, NSEC, DNSKEY, TLSA, SMIMEA, HIP, CDS, CDNSKEY, OPENPGPKEY,
        CSYNC, ZONEMD, SVCB, HTTPS, SPF, URI, CAA);

    /// <summary>Writes the rdata that denies a type of a name.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="apex">The apex of its zone.</param>
    /// <param name="type">The type; NSEC and RRSIG are not denied, since they are there with the denial.</param>
    /// <param name="isDelegation">True when another zone begins at the name.</param>
    /// <param name="rdata">Takes up to <see cref="MaxLength"/> octets.</param>
    /// <returns>The octets written.</returns>
    public static int WriteDenial(DnsNameView name, DnsNameView apex, DnsRecordType type, bool isDelegation, Span<byte> rdata)
    {
        int length = NameSuccessor.Write(name, apex, rdata);
        byte[] types = isDelegation ? Cut : name.Equals(apex) ? Apex : Name;
        if (type is NSEC or RRSIG)
        {
            types.CopyTo(rdata[length..]);
            return length + types.Length;
        }

        return length + TypeBitmap.Remove(types, type, rdata[length..]);
    }

    /// <summary>Writes the rdata that proves a delegation to have no DS record.</summary>
    /// <param name="cut">Where the other zone begins, in lower case.</param>
    /// <param name="apex">The apex of the zone above.</param>
    /// <param name="rdata">Takes up to <see cref="MaxLength"/> octets.</param>
    /// <returns>The octets written.</returns>
    public static int WriteCut(DnsNameView cut, DnsNameView apex, Span<byte> rdata)
    {
        // What lies below the cut is not this zone's to speak of, so the next name lies beside it.
        int length = NameSuccessor.WriteBeside(cut, apex, rdata);
        Cut.CopyTo(rdata[length..]);
        return length + Cut.Length;
    }
}
