using System.Globalization;

namespace MiniDns.Configuration;

/// <summary>Reads sizes in octets: <c>512</c>, <c>64K</c>, <c>16MB</c>, <c>1GiB</c>; every unit is a power of 1024.</summary>
public static class SizeText
{
    /// <summary>Reads a size.</summary>
    /// <param name="text">A whole number and an optional unit: B, K, M, G, each with B or iB behind it or not, in any case.</param>
    /// <param name="octets">The size.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out long octets)
    {
        int digits = text.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> unit = digits < 0 ? default : text[digits..];
        int shift = unit.ToString().ToLowerInvariant() switch
        {
            "" or "b" => 0,
            "k" or "kb" or "kib" => 10,
            "m" or "mb" or "mib" => 20,
            "g" or "gb" or "gib" => 30,
            _ => -1,
        };
        if (shift < 0 || !long.TryParse(digits < 0 ? text : text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out octets) || octets > long.MaxValue >> shift)
        {
            octets = 0;
            return false;
        }

        octets <<= shift;
        return true;
    }
}
