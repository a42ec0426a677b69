namespace MiniDns.Protocol.Presentation;

/// <summary>Base64, hexadecimal and base32hex out of tokens; the first two may be divided by blanks anywhere.</summary>
internal static class EncodedText
{
    private const string TooLong = "rdata must not be longer than 65535 octets";

    /// <summary>Reads base64 to the end of the entry.</summary>
    internal static bool TryParseBase64(ref ZoneLexer lexer, scoped Span<byte> destination, ref int length)
    {
        var state = default(Base64State);
        while (lexer.TryNext(out ZoneToken token))
        {
            if (!TryAppendBase64(ref lexer, token, destination, ref length, ref state))
            {
                return false;
            }
        }

        return lexer.Error is null && (state.IsComplete || lexer.Fail("base64 must come in groups of four characters, the last padded with ="));
    }

    /// <summary>Reads base64 in one token.</summary>
    internal static bool TryParseBase64Token(ref ZoneLexer lexer, ZoneToken token, scoped Span<byte> destination, ref int length)
    {
        var state = default(Base64State);
        return TryAppendBase64(ref lexer, token, destination, ref length, ref state)
            && (state.IsComplete || lexer.Fail("base64 must come in groups of four characters, the last padded with ="));
    }

    /// <summary>Reads hexadecimal digits to the end of the entry.</summary>
    internal static bool TryParseHex(ref ZoneLexer lexer, scoped Span<byte> destination, ref int length)
    {
        int half = -1;
        while (lexer.TryNext(out ZoneToken token))
        {
            if (!TryAppendHex(ref lexer, lexer.Slice(token), destination, ref length, ref half))
            {
                return false;
            }
        }

        return lexer.Error is null && (half < 0 || lexer.Fail("hexadecimal digits must come in pairs"));
    }

    /// <summary>Reads hexadecimal digits in one token, or in part of one.</summary>
    internal static bool TryParseHexToken(ref ZoneLexer lexer, scoped ReadOnlySpan<byte> text, scoped Span<byte> destination, ref int length)
    {
        int half = -1;
        return TryAppendHex(ref lexer, text, destination, ref length, ref half)
            && (half < 0 || lexer.Fail("hexadecimal digits must come in pairs"));
    }

    /// <summary>Reads base32 with the "extended hex" alphabet and no padding (RFC 4648 §7).</summary>
    internal static bool TryParseBase32Hex(ReadOnlySpan<byte> text, scoped Span<byte> destination, out int length)
    {
        length = 0;
        int bits = 0;
        int pending = 0;
        foreach (byte c in text)
        {
            int digit = c switch
            {
                >= (byte)'0' and <= (byte)'9' => c - '0',
                >= (byte)'a' and <= (byte)'v' => c - 'a' + 10,
                >= (byte)'A' and <= (byte)'V' => c - 'A' + 10,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }

            pending = ((pending << 5) | digit) & 0xFFF;
            bits += 5;
            if (bits >= 8)
            {
                if (length >= destination.Length)
                {
                    return false;
                }

                bits -= 8;
                destination[length++] = (byte)(pending >> bits);
            }
        }

        return bits < 5 && (pending & ((1 << bits) - 1)) == 0;
    }

    private static bool TryAppendHex(ref ZoneLexer lexer, scoped ReadOnlySpan<byte> text, scoped Span<byte> destination, ref int length, ref int half)
    {
        foreach (byte c in text)
        {
            int digit = AddressText.HexValue(c);
            if (digit < 0)
            {
                return lexer.Fail("hexadecimal digits must be 0 to 9 and A to F");
            }

            if (half < 0)
            {
                half = digit;
                continue;
            }

            if (length >= destination.Length)
            {
                return lexer.Fail(TooLong);
            }

            destination[length++] = (byte)((half << 4) | digit);
            half = -1;
        }

        return true;
    }

    private static bool TryAppendBase64(ref ZoneLexer lexer, ZoneToken token, scoped Span<byte> destination, ref int length, ref Base64State state)
    {
        foreach (byte c in lexer.Slice(token))
        {
            int digit = c switch
            {
                >= (byte)'A' and <= (byte)'Z' => c - 'A',
                >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
                >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
                (byte)'+' => 62,
                (byte)'/' => 63,
                (byte)'=' => 64,
                _ => -1,
            };
            if (digit < 0 || (state.Padding > 0 && digit != 64) || (digit == 64 && state.Characters % 4 < 2))
            {
                return lexer.Fail(digit < 0
                    ? "base64 must be made of A to Z, a to z, 0 to 9, + and /"
                    : "base64 must have one or two =, and only at its end");
            }

            state.Characters++;
            if (digit == 64)
            {
                state.Padding++;
                continue;
            }

            state.Pending = ((state.Pending << 6) | digit) & 0xFFFF;
            state.Bits += 6;
            if (state.Bits >= 8)
            {
                if (length >= destination.Length)
                {
                    return lexer.Fail(TooLong);
                }

                state.Bits -= 8;
                destination[length++] = (byte)(state.Pending >> state.Bits);
            }
        }

        return true;
    }

    private struct Base64State
    {
        public int Pending;
        public int Bits;
        public int Characters;
        public int Padding;

        public readonly bool IsComplete => Characters % 4 == 0;
    }
}
