namespace MiniDns.Protocol.Records;

/// <summary>Lists of types as windows of bits (RFC 4034 §4.1.2).</summary>
public static class TypeBitmap
{
    /// <summary>The octets of a window that has all its types.</summary>
    internal const int WindowOctets = 32;

    /// <summary>Makes the list of some types.</summary>
    /// <param name="types">The types, in any order.</param>
    public static byte[] Of(params ReadOnlySpan<DnsRecordType> types)
    {
        byte[] bits = new byte[256 * WindowOctets];
        foreach (DnsRecordType type in types)
        {
            bits[(int)type >> 3] |= (byte)(0x80 >> ((int)type & 7));
        }

        Span<byte> bitmap = stackalloc byte[256 * (2 + WindowOctets)];
        TryWrite(bits, bitmap, out int length);
        return bitmap[..length].ToArray();
    }

    /// <summary>Takes a type out of a list.</summary>
    /// <param name="bitmap">The list.</param>
    /// <param name="type">The type; it need not be there, and at least one other of its window must be.</param>
    /// <param name="destination">Takes as many octets as <paramref name="bitmap"/> has; it may be the same octets.</param>
    /// <returns>The octets written.</returns>
    public static int Remove(ReadOnlySpan<byte> bitmap, DnsRecordType type, Span<byte> destination)
    {
        bitmap.CopyTo(destination);
        destination = destination[..bitmap.Length];
        for (int at = 0; at < destination.Length; at += 2 + destination[at + 1])
        {
            int octet = ((int)type & 0xFF) >> 3;
            if (destination[at] != (int)type >> 8 || octet >= destination[at + 1])
            {
                continue;
            }

            int last = at + 1 + destination[at + 1];
            destination[at + 2 + octet] &= (byte)~(0x80 >> ((int)type & 7));
            int dropped = 0;
            while (destination[at + 1] > 1 && destination[last - dropped] == 0)
            {
                destination[at + 1]--;
                dropped++;
            }

            destination[(last + 1)..].CopyTo(destination[(last + 1 - dropped)..]);
            return destination.Length - dropped;
        }

        return destination.Length;
    }

    /// <summary>Packs one bit for each of the 65,536 types into windows.</summary>
    /// <param name="bits">8,192 octets.</param>
    /// <param name="bitmap">Takes the windows.</param>
    /// <param name="length">The octets written.</param>
    /// <returns>False when they do not fit.</returns>
    internal static bool TryWrite(ReadOnlySpan<byte> bits, Span<byte> bitmap, out int length)
    {
        length = 0;
        for (int window = 0; window < 256; window++)
        {
            ReadOnlySpan<byte> octets = bits.Slice(window * WindowOctets, WindowOctets).TrimEnd((byte)0);
            if (octets.IsEmpty)
            {
                continue;
            }

            if (length + 2 + octets.Length > bitmap.Length)
            {
                return false;
            }

            bitmap[length] = (byte)window;
            bitmap[length + 1] = (byte)octets.Length;
            octets.CopyTo(bitmap[(length + 2)..]);
            length += 2 + octets.Length;
        }

        return true;
    }
}
