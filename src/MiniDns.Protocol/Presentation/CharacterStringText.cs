using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Presentation;

/// <summary>Escapes of character strings (RFC 1035 §5.1).</summary>
internal static class CharacterStringText
{
    /// <summary>Resolves escapes.</summary>
    /// <param name="text">The text, without its quotes.</param>
    /// <param name="destination">Takes at most as many octets as the text has.</param>
    /// <param name="length">The octets written.</param>
    /// <param name="error">What is wrong.</param>
    internal static bool TryUnescape(ReadOnlySpan<byte> text, Span<byte> destination, out int length, out string? error)
    {
        length = 0;
        error = null;
        if (text.IndexOf((byte)'\\') < 0)
        {
            length = text.Length;
            error = "a character string must not be longer than 255 octets, and rdata not longer than 65535";
            return text.TryCopyTo(destination);
        }

        for (int i = 0; i < text.Length; i++)
        {
            byte octet = text[i];
            if (octet == '\\' && !DnsNameText.TryUnescape(text, ref i, out octet))
            {
                error = "a backslash must be followed by a character or by three digits up to 255";
                return false;
            }

            if (length >= destination.Length)
            {
                error = "a character string must not be longer than 255 octets, and rdata not longer than 65535";
                return false;
            }

            destination[length++] = octet;
        }

        return true;
    }
}
