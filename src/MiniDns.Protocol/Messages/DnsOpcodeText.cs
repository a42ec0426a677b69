using MiniDns.Protocol.Presentation;

namespace MiniDns.Protocol.Messages;

/// <summary>Opcodes as text: <c>QUERY</c>, <c>NOTIFY</c>, <c>OPCODE7</c>.</summary>
public static class DnsOpcodeText
{
    private static readonly MnemonicTable Table = new(
        "OPCODE",
        (0, "QUERY"),
        (1, "IQUERY"),
        (2, "STATUS"),
        (4, "NOTIFY"),
        (5, "UPDATE"),
        (6, "DSO"));

    /// <summary>The mnemonic, or <c>OPCODE</c> and the number; allocates only in the latter case.</summary>
    public static string Format(DnsOpcode opcode) => Table.Format((ushort)opcode);

    /// <summary>Writes the mnemonic, or <c>OPCODE</c> and the number.</summary>
    /// <returns>False when the destination is too short; 24 octets are always enough.</returns>
    public static bool TryFormat(DnsOpcode opcode, Span<byte> destination, out int written) =>
        Table.TryFormat((ushort)opcode, destination, out written);

    /// <summary>Reads a mnemonic or the <c>OPCODE</c> form with a number up to 15, in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DnsOpcode opcode)
    {
        bool read = Table.TryParse(text, out ushort value) && value <= 15;
        opcode = (DnsOpcode)value;
        return read;
    }
}
