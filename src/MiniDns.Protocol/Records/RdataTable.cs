using static MiniDns.Protocol.Records.DnsRecordType;

namespace MiniDns.Protocol.Records;

/// <summary>The descriptors of all types in the IANA registry whose format is defined.</summary>
internal static class RdataTable
{
    private const RdataNameRules Rfc1035 = RdataNameRules.Compress | RdataNameRules.Expand | RdataNameRules.Lower;

    private static readonly RdataField U8 = new(RdataFieldKind.UInt8);
    private static readonly RdataField U16 = new(RdataFieldKind.UInt16);
    private static readonly RdataField U32 = new(RdataFieldKind.UInt32);
    private static readonly RdataField Seconds = new(RdataFieldKind.Seconds);
    private static readonly RdataField Time = new(RdataFieldKind.Timestamp);
    private static readonly RdataField Covered = new(RdataFieldKind.RecordType);
    private static readonly RdataField Algorithm = new(RdataFieldKind.Algorithm);
    private static readonly RdataField Error = new(RdataFieldKind.TransactionError);
    private static readonly RdataField IPv4 = new(RdataFieldKind.IPv4);
    private static readonly RdataField IPv6 = new(RdataFieldKind.IPv6);
    private static readonly RdataField CompressedName = new(RdataFieldKind.Name, Rfc1035);
    private static readonly RdataField LenientName = new(RdataFieldKind.Name, RdataNameRules.Expand | RdataNameRules.Lower);
    private static readonly RdataField LowerName = new(RdataFieldKind.Name, RdataNameRules.Lower);
    private static readonly RdataField PlainName = new(RdataFieldKind.Name);
    private static readonly RdataField Text = new(RdataFieldKind.CharacterString);
    private static readonly RdataField OptionalText = new(RdataFieldKind.OptionalCharacterString);
    private static readonly RdataField Texts = new(RdataFieldKind.CharacterStrings, MinLength: 1);
    private static readonly RdataField TextRest = new(RdataFieldKind.TextRest);
    private static readonly RdataField Base64 = new(RdataFieldKind.Base64Rest);
    private static readonly RdataField SomeBase64 = new(RdataFieldKind.Base64Rest, MinLength: 1);
    private static readonly RdataField SomeHex = new(RdataFieldKind.HexRest, MinLength: 1);
    private static readonly RdataField Sized = new(RdataFieldKind.SizedBase64);
    private static readonly RdataField Salt = new(RdataFieldKind.Salt);
    private static readonly RdataField Bitmap = new(RdataFieldKind.TypeBitmap);

    private static readonly RdataDescriptor Unknown = new(null, new RdataField(RdataFieldKind.Opaque));
    private static readonly RdataDescriptor TrustAnchor = new("TA", U16, Algorithm, U8, SomeHex);
    private static readonly RdataDescriptor LookAside = new("DLV", U16, Algorithm, U8, SomeHex);
    private static readonly RdataDescriptor[] Table = Build();

    /// <summary>Every type that has a descriptor, questions-only types not among them.</summary>
    internal static IEnumerable<DnsRecordType> KnownTypes =>
        Enumerable.Range(0, Table.Length).Where(i => Table[i].Mnemonic is not null).Select(i => (DnsRecordType)i).Append(TA).Append(DLV);

    internal static RdataDescriptor For(DnsRecordType type)
    {
        RdataDescriptor[] table = Table;
        return (int)type < table.Length ? table[(int)type] : type switch
        {
            TA => TrustAnchor,
            DLV => LookAside,
            _ => Unknown,
        };
    }

    private static RdataDescriptor[] Build()
    {
        RdataDescriptor[] table = new RdataDescriptor[(int)WALLET + 1];
        Array.Fill(table, Unknown);
        Add(A, "A", IPv4);
        Add(NS, "NS", CompressedName);
        Add(MD, "MD", CompressedName);
        Add(MF, "MF", CompressedName);
        Add(CNAME, "CNAME", CompressedName);
        Add(SOA, "SOA", CompressedName, CompressedName, U32, Seconds, Seconds, Seconds, Seconds);
        Add(MB, "MB", CompressedName);
        Add(MG, "MG", CompressedName);
        Add(MR, "MR", CompressedName);
        Add(NULL, "NULL", new RdataField(RdataFieldKind.Opaque));
        Add(WKS, "WKS", IPv4, new RdataField(RdataFieldKind.Services));
        Add(PTR, "PTR", CompressedName);
        Add(HINFO, "HINFO", Text, Text);
        Add(MINFO, "MINFO", CompressedName, CompressedName);
        Add(MX, "MX", U16, CompressedName);
        Add(TXT, "TXT", Texts);
        Add(RP, "RP", LenientName, LenientName);
        Add(AFSDB, "AFSDB", U16, LenientName);
        Add(X25, "X25", Text);
        Add(ISDN, "ISDN", Text, OptionalText);
        Add(RT, "RT", U16, LenientName);
        Add(NSAP, "NSAP", new RdataField(RdataFieldKind.NsapRest, MinLength: 1));
        Add(NSAPPTR, "NSAP-PTR", PlainName);
        Add(SIG, "SIG", Covered, Algorithm, U8, U32, Time, Time, U16, LenientName, Base64);
        Add(KEY, "KEY", U16, U8, Algorithm, Base64);
        Add(PX, "PX", U16, LenientName, LenientName);
        Add(GPOS, "GPOS", Text, Text, Text);
        Add(AAAA, "AAAA", IPv6);
        Add(LOC, "LOC", new RdataField(RdataFieldKind.Location));
        Add(NXT, "NXT", LenientName, new RdataField(RdataFieldKind.NxtBitmap));
        Add(EID, "EID", SomeHex);
        Add(NIMLOC, "NIMLOC", SomeHex);
        Add(SRV, "SRV", U16, U16, U16, LenientName);
        Add(ATMA, "ATMA", new RdataField(RdataFieldKind.AtmAddress));
        Add(NAPTR, "NAPTR", U16, U16, Text, Text, Text, LenientName);
        Add(KX, "KX", U16, LowerName);
        Add(CERT, "CERT", new RdataField(RdataFieldKind.CertificateType), U16, new RdataField(RdataFieldKind.AlgorithmMnemonic), Base64);
        Add(A6, "A6", new RdataField(RdataFieldKind.AddressSuffix, RdataNameRules.Lower));
        Add(DNAME, "DNAME", LowerName);
        Add(SINK, "SINK", U8, U8, U8, Base64);
        Add(OPT, "OPT", new RdataField(RdataFieldKind.EdnsOptions));
        Add(APL, "APL", new RdataField(RdataFieldKind.AddressPrefixes));
        Add(DS, "DS", U16, Algorithm, U8, SomeHex);
        Add(SSHFP, "SSHFP", U8, U8, SomeHex);
        Add(IPSECKEY, "IPSECKEY", U8, U8, U8, new RdataField(RdataFieldKind.IpsecGateway), Base64);
        Add(RRSIG, "RRSIG", Covered, Algorithm, U8, U32, Time, Time, U16, LowerName, Base64);
        Add(NSEC, "NSEC", PlainName, Bitmap);
        Add(DNSKEY, "DNSKEY", U16, U8, Algorithm, Base64);
        Add(DHCID, "DHCID", SomeBase64);
        Add(NSEC3, "NSEC3", U8, U8, U16, Salt, new RdataField(RdataFieldKind.HashedOwner), Bitmap);
        Add(NSEC3PARAM, "NSEC3PARAM", U8, U8, U16, Salt);
        Add(TLSA, "TLSA", U8, U8, U8, SomeHex);
        Add(SMIMEA, "SMIMEA", U8, U8, U8, SomeHex);
        Add(HIP, "HIP", new RdataField(RdataFieldKind.HostIdentity));
        Add(NINFO, "NINFO", Texts);
        Add(RKEY, "RKEY", U16, U8, Algorithm, Base64);
        Add(TALINK, "TALINK", PlainName, PlainName);
        Add(CDS, "CDS", U16, Algorithm, U8, SomeHex);
        Add(CDNSKEY, "CDNSKEY", U16, U8, Algorithm, Base64);
        Add(OPENPGPKEY, "OPENPGPKEY", SomeBase64);
        Add(CSYNC, "CSYNC", U32, U16, Bitmap);
        Add(ZONEMD, "ZONEMD", U32, U8, U8, SomeHex);
        Add(SVCB, "SVCB", U16, PlainName, new RdataField(RdataFieldKind.SvcParams));
        Add(HTTPS, "HTTPS", U16, PlainName, new RdataField(RdataFieldKind.SvcParams));
        Add(DSYNC, "DSYNC", Covered, new RdataField(RdataFieldKind.DsyncScheme), U16, PlainName);
        Add(HHIT, "HHIT", SomeBase64);
        Add(BRID, "BRID", SomeBase64);
        Add(SPF, "SPF", Texts);
        Add(UINFO, "UINFO", new RdataField(RdataFieldKind.Opaque));
        Add(UID, "UID", new RdataField(RdataFieldKind.Opaque));
        Add(GID, "GID", new RdataField(RdataFieldKind.Opaque));
        Add(UNSPEC, "UNSPEC", new RdataField(RdataFieldKind.Opaque));
        Add(NID, "NID", U16, new RdataField(RdataFieldKind.NodeId));
        Add(L32, "L32", U16, IPv4);
        Add(L64, "L64", U16, new RdataField(RdataFieldKind.NodeId));
        Add(LP, "LP", U16, PlainName);
        Add(EUI48, "EUI48", new RdataField(RdataFieldKind.Eui48));
        Add(EUI64, "EUI64", new RdataField(RdataFieldKind.Eui64));
        Add(NXNAME, "NXNAME", new RdataField(RdataFieldKind.Opaque));
        Add(TKEY, "TKEY", PlainName, Time, Time, U16, Error, Sized, Sized);
        Add(TSIG, "TSIG", PlainName, new RdataField(RdataFieldKind.UInt48), U16, Sized, U16, Error, Sized);
        Add(URI, "URI", U16, U16, TextRest);
        Add(CAA, "CAA", U8, new RdataField(RdataFieldKind.Tag), TextRest);
        Add(AVC, "AVC", Texts);
        Add(DOA, "DOA", U32, U32, U8, Text, new RdataField(RdataFieldKind.Base64OrDashRest));
        Add(AMTRELAY, "AMTRELAY", U8, new RdataField(RdataFieldKind.AmtRelay));
        Add(RESINFO, "RESINFO", Texts);
        Add(WALLET, "WALLET", Texts);
        return table;

        void Add(DnsRecordType type, string mnemonic, params RdataField[] fields) =>
            table[(int)type] = new RdataDescriptor(mnemonic, fields);
    }
}
