using MiniDns.Protocol.Presentation;

namespace MiniDns.Protocol.Records;

/// <summary>Record classes as text: <c>IN</c>, <c>CH</c> and <c>CLASS65280</c> (RFC 3597 §5).</summary>
public static class DnsClassText
{
    /// <summary>The longest text of a class, in octets.</summary>
    public const int MaxLength = 24;

    private static readonly MnemonicTable Table = new(
        "CLASS",
        (1, "IN"),
        (2, "CS"),
        (3, "CH"),
        (4, "HS"),
        (254, "NONE"),
        (255, "ANY"),
        (3, "CHAOS"),
        (4, "HESIOD"));

    /// <summary>The mnemonic, or <c>CLASS</c> and the number; allocates only in the latter case.</summary>
    public static string Format(DnsRecordClass @class) => Table.Format((ushort)@class);

    /// <summary>Writes the mnemonic, or <c>CLASS</c> and the number.</summary>
    /// <returns>False when the destination is too short; <see cref="MaxLength"/> octets are always enough.</returns>
    public static bool TryFormat(DnsRecordClass @class, Span<byte> destination, out int written) =>
        Table.TryFormat((ushort)@class, destination, out written);

    /// <summary>Reads a mnemonic or the <c>CLASS</c> form, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DnsRecordClass @class)
    {
        bool read = Table.TryParse(text, out ushort value);
        @class = (DnsRecordClass)value;
        return read;
    }

    /// <summary>Reads a mnemonic or the <c>CLASS</c> form, in either case, from UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DnsRecordClass @class)
    {
        bool read = Table.TryParse(text, out ushort value);
        @class = (DnsRecordClass)value;
        return read;
    }
}
