using MiniDns.Protocol.Presentation;

namespace MiniDns.Protocol.Records;

/// <summary>Record types as text: mnemonics of the IANA registry and <c>TYPE65280</c> (RFC 3597 §5).</summary>
public static class DnsTypeText
{
    /// <summary>The longest text of a type, in octets.</summary>
    public const int MaxLength = 24;

    /// <summary>The table behind this class.</summary>
    internal static readonly MnemonicTable Table = Build();

    /// <summary>The mnemonic, or <c>TYPE</c> and the number; allocates only in the latter case.</summary>
    public static string Format(DnsRecordType type) => Table.Format((ushort)type);

    /// <summary>Writes the mnemonic, or <c>TYPE</c> and the number.</summary>
    /// <returns>False when the destination is too short; <see cref="MaxLength"/> octets are always enough.</returns>
    public static bool TryFormat(DnsRecordType type, Span<byte> destination, out int written) =>
        Table.TryFormat((ushort)type, destination, out written);

    /// <summary>Reads a mnemonic or the <c>TYPE</c> form, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DnsRecordType type)
    {
        bool read = Table.TryParse(text, out ushort value);
        type = (DnsRecordType)value;
        return read;
    }

    /// <summary>Reads a mnemonic or the <c>TYPE</c> form, in either case, from UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DnsRecordType type)
    {
        bool read = Table.TryParse(text, out ushort value);
        type = (DnsRecordType)value;
        return read;
    }

    private static MnemonicTable Build()
    {
        List<(int Value, string Mnemonic)> entries = [];
        foreach (DnsRecordType type in RdataTable.KnownTypes)
        {
            entries.Add(((int)type, RdataTable.For(type).Mnemonic!));
        }

        // types of questions only come before the two large values, as the table wants
        entries.InsertRange(
            entries.Count - 2,
            [
                ((int)DnsRecordType.IXFR, "IXFR"),
                ((int)DnsRecordType.AXFR, "AXFR"),
                ((int)DnsRecordType.MAILB, "MAILB"),
                ((int)DnsRecordType.MAILA, "MAILA"),
                ((int)DnsRecordType.ANY, "ANY"),
            ]);
        return new MnemonicTable("TYPE", entries.ToArray());
    }
}
