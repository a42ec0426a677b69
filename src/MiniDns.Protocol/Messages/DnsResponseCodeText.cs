using MiniDns.Protocol.Presentation;

namespace MiniDns.Protocol.Messages;

/// <summary>Response codes as text, as dig prints and CoreDNS logs them: <c>NOERROR</c>, <c>NXDOMAIN</c>, <c>RCODE12</c>.</summary>
public static class DnsResponseCodeText
{
    /// <summary>The longest text of a response code, in octets.</summary>
    public const int MaxLength = 24;

    private static readonly MnemonicTable Table = new(
        "RCODE",
        (0, "NOERROR"),
        (1, "FORMERR"),
        (2, "SERVFAIL"),
        (3, "NXDOMAIN"),
        (4, "NOTIMP"),
        (5, "REFUSED"),
        (6, "YXDOMAIN"),
        (7, "YXRRSET"),
        (8, "NXRRSET"),
        (9, "NOTAUTH"),
        (10, "NOTZONE"),
        (11, "DSOTYPENI"),
        (16, "BADVERS"),
        (17, "BADKEY"),
        (18, "BADTIME"),
        (19, "BADMODE"),
        (20, "BADNAME"),
        (21, "BADALG"),
        (22, "BADTRUNC"),
        (23, "BADCOOKIE"),
        (4, "NOTIMPL"),
        (16, "BADSIG"));

    /// <summary>The mnemonic, or <c>RCODE</c> and the number; allocates only in the latter case.</summary>
    public static string Format(DnsResponseCode code) => Table.Format((ushort)code);

    /// <summary>Writes the mnemonic, or <c>RCODE</c> and the number.</summary>
    /// <returns>False when the destination is too short; <see cref="MaxLength"/> octets are always enough.</returns>
    public static bool TryFormat(DnsResponseCode code, Span<byte> destination, out int written) =>
        Table.TryFormat((ushort)code, destination, out written);

    /// <summary>Reads a mnemonic or the <c>RCODE</c> form, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DnsResponseCode code)
    {
        bool read = Table.TryParse(text, out ushort value);
        code = (DnsResponseCode)value;
        return read;
    }
}
