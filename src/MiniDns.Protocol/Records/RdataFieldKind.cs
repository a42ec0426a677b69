namespace MiniDns.Protocol.Records;

/// <summary>The form of one field of rdata: how long it is on the wire and how it is written as text.</summary>
public enum RdataFieldKind : byte
{
    /// <summary>An 8-bit number.</summary>
    UInt8,

    /// <summary>A 16-bit number.</summary>
    UInt16,

    /// <summary>A 32-bit number.</summary>
    UInt32,

    /// <summary>A 48-bit number (TSIG's time signed, RFC 8945 §4.2).</summary>
    UInt48,

    /// <summary>A 32-bit number of seconds; units (<c>1w2d3h4m5s</c>) are read but not written.</summary>
    Seconds,

    /// <summary>A 32-bit time, written <c>YYYYMMDDHHmmSS</c> (RFC 4034 §3.2).</summary>
    Timestamp,

    /// <summary>A 16-bit record type, written as its mnemonic.</summary>
    RecordType,

    /// <summary>A 16-bit certificate type, written as its mnemonic (RFC 4398 §2.1).</summary>
    CertificateType,

    /// <summary>An 8-bit DNSSEC algorithm, written as its number; mnemonics are read (RFC 4034 appendix A.1).</summary>
    Algorithm,

    /// <summary>An 8-bit DNSSEC algorithm, written as its mnemonic (CERT, RFC 4398 §2.2).</summary>
    AlgorithmMnemonic,

    /// <summary>An 8-bit DSYNC scheme, written as its mnemonic (RFC 9859 §2.2).</summary>
    DsyncScheme,

    /// <summary>A 16-bit error of TSIG or TKEY, written as its mnemonic (RFC 8945 §3).</summary>
    TransactionError,

    /// <summary>An IPv4 address, four octets.</summary>
    IPv4,

    /// <summary>An IPv6 address, sixteen octets.</summary>
    IPv6,

    /// <summary>A name; <see cref="RdataField.NameRules"/> tells what may be done to it.</summary>
    Name,

    /// <summary>One character string: a length octet and so many octets (RFC 1035 §3.3).</summary>
    CharacterString,

    /// <summary>A character string that may be missing (ISDN, RFC 1183 §3.2).</summary>
    OptionalCharacterString,

    /// <summary>One or more character strings, to the end.</summary>
    CharacterStrings,

    /// <summary>The rest as one text without a length octet (URI, CAA).</summary>
    TextRest,

    /// <summary>A CAA property tag: a length octet and letters and digits (RFC 8659 §4.1).</summary>
    Tag,

    /// <summary>The rest, in base64.</summary>
    Base64Rest,

    /// <summary>The rest, in base64, or <c>-</c> when there is none (DOA).</summary>
    Base64OrDashRest,

    /// <summary>The rest, in hexadecimal.</summary>
    HexRest,

    /// <summary>The rest, in hexadecimal after <c>0x</c> (NSAP, RFC 1706 §7).</summary>
    NsapRest,

    /// <summary>A 16-bit length and so many octets, written as the length and base64 (TSIG, TKEY).</summary>
    SizedBase64,

    /// <summary>A length octet and so many octets in hexadecimal, <c>-</c> for none (NSEC3's salt, RFC 5155 §3.3).</summary>
    Salt,

    /// <summary>A length octet and so many octets in base32hex without padding (NSEC3's next owner, RFC 5155 §3.3).</summary>
    HashedOwner,

    /// <summary>Windows of type bits, to the end (RFC 4034 §4.1.2).</summary>
    TypeBitmap,

    /// <summary>Type bits without windows, to the end (NXT, RFC 2535 §5.2).</summary>
    NxtBitmap,

    /// <summary>SVCB parameters, to the end (RFC 9460 §2.2).</summary>
    SvcParams,

    /// <summary>IPSECKEY's gateway, whose form the octet two before it names (RFC 4025 §2.5).</summary>
    IpsecGateway,

    /// <summary>AMTRELAY's discovery bit, relay type and relay (RFC 8777 §4.2).</summary>
    AmtRelay,

    /// <summary>Address prefixes, to the end (RFC 3123 §4).</summary>
    AddressPrefixes,

    /// <summary>A location, sixteen octets (RFC 1876 §2).</summary>
    Location,

    /// <summary>A 48-bit address, <c>00-00-5e-00-53-2a</c> (RFC 7043 §3).</summary>
    Eui48,

    /// <summary>A 64-bit address (RFC 7043 §4).</summary>
    Eui64,

    /// <summary>A 64-bit identifier or locator, <c>14:4fff:ff20:ee64</c> (RFC 6742 §2).</summary>
    NodeId,

    /// <summary>A protocol number and a bit map of ports, to the end (WKS, RFC 1035 §3.4.2).</summary>
    Services,

    /// <summary>A6's prefix length, address suffix and prefix name (RFC 2874 §3.1).</summary>
    AddressSuffix,

    /// <summary>All of HIP: algorithm, host identity tag, public key, rendezvous servers (RFC 8005 §5).</summary>
    HostIdentity,

    /// <summary>An ATM address: a format octet and the address, to the end.</summary>
    AtmAddress,

    /// <summary>EDNS options, to the end (RFC 6891 §6.1.2).</summary>
    EdnsOptions,

    /// <summary>Anything; only the <c>\#</c> form is text (RFC 3597 §5).</summary>
    Opaque,
}
