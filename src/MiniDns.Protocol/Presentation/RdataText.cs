using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>Rdata in presentation format, as dig prints it and zone files hold it.</summary>
/// <remarks>Every type can be read and written in the form <c>\# length hexadecimal</c> (RFC 3597 §5); it is written for unknown
/// types, and for rdata that does not have its type's form.</remarks>
public static class RdataText
{
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n");

    /// <summary>Writes rdata as ASCII text.</summary>
    /// <param name="type">The type.</param>
    /// <param name="rdata">The rdata, names uncompressed; it may be malformed.</param>
    /// <param name="destination">Takes the text.</param>
    /// <param name="written">The octets written.</param>
    /// <returns>False when the text does not fit.</returns>
    public static bool TryFormat(DnsRecordType type, ReadOnlySpan<byte> rdata, Span<byte> destination, out int written)
    {
        RdataDescriptor descriptor = RdataDescriptor.For(type);
        var text = new PresentationWriter(destination);
        if (!RdataWire.IsWellFormed(type, rdata) || !RdataFormatter.TryFormat(descriptor, rdata, ref text))
        {
            text = new PresentationWriter(destination);
            text.Append("\\# "u8);
            text.AppendNumber(rdata.Length);
            if (!rdata.IsEmpty)
            {
                text.Append((byte)' ');
                text.AppendHex(rdata, upperCase: true);
            }
        }

        written = text.Overflowed ? 0 : text.Length;
        return !text.Overflowed;
    }

    /// <summary>The text of rdata.</summary>
    /// <param name="type">The type.</param>
    /// <param name="rdata">The rdata, names uncompressed; it may be malformed.</param>
    public static string Format(DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1024 + (rdata.Length * 2));
        try
        {
            while (true)
            {
                if (TryFormat(type, rdata, buffer, out int written))
                {
                    return Encoding.ASCII.GetString(buffer, 0, written);
                }

                int larger = buffer.Length * 4;
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(larger);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads rdata from UTF-8 text.</summary>
    /// <param name="type">The type.</param>
    /// <param name="text">The text; lines may go on inside parentheses.</param>
    /// <param name="origin">Completes relative names.</param>
    /// <param name="rdata">Takes the rdata; 65,535 octets are always enough.</param>
    /// <param name="length">The octets written.</param>
    /// <param name="error">What is wrong and what would be right.</param>
    public static bool TryParse(DnsRecordType type, ReadOnlySpan<byte> text, DnsNameView origin, Span<byte> rdata, out int length, [NotNullWhen(false)] out string? error)
    {
        var lexer = new ZoneLexer(text);
        if (RdataParser.TryParse(type, ref lexer, origin, rdata, out length) && lexer.IsAtEnd)
        {
            error = null;
            return true;
        }

        error = lexer.Error ?? "the rdata must end here";
        return false;
    }

    /// <summary>Reads rdata from text.</summary>
    /// <param name="type">The type.</param>
    /// <param name="text">The text, in one line.</param>
    /// <param name="origin">Completes relative names; null means the root.</param>
    /// <param name="rdata">The rdata.</param>
    /// <param name="error">What is wrong and what would be right.</param>
    public static bool TryParse(DnsRecordType type, ReadOnlySpan<char> text, DnsName? origin, [NotNullWhen(true)] out byte[]? rdata, [NotNullWhen(false)] out string? error)
    {
        rdata = null;
        if (text.IndexOfAny(LineEnds) >= 0)
        {
            error = "the rdata must stand in one line";
            return false;
        }

        byte[] octets = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(RdataWire.MaxLength);
        try
        {
            int count = Encoding.UTF8.GetBytes(text, octets);
            bool read = TryParse(type, octets.AsSpan(0, count), origin is null ? DnsName.Root.View : origin.View, buffer, out int length, out error);
            rdata = read ? buffer.AsSpan(0, length).ToArray() : null;
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(octets);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads rdata from text with absolute names.</summary>
    /// <param name="type">The type.</param>
    /// <param name="text">The text, in one line.</param>
    /// <exception cref="FormatException">The text is not rdata of the type.</exception>
    public static byte[] Parse(DnsRecordType type, ReadOnlySpan<char> text) =>
        TryParse(type, text, null, out byte[]? rdata, out string? error)
            ? rdata
            : throw new FormatException($"{DnsTypeText.Format(type)} {text}: {error}");
}
