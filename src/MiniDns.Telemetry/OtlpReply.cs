using System.Globalization;
using System.Text;

namespace MiniDns.Telemetry;

/// <summary>Reads what a collector says to a message that it took: perhaps that it did not take all of it.</summary>
internal static class OtlpReply
{
    private const int MostText = 200;

    /// <summary>Says what a collector refused; null when it refused nothing, or says nothing that can be read.</summary>
    /// <param name="message">An ExportMetricsServiceResponse or ExportTraceServiceResponse.</param>
    public static string? Refused(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> partial = default;
        while (TryRead(ref message, out int field, out _, out ReadOnlySpan<byte> octets))
        {
            partial = field == 1 ? octets : partial;
        }

        ulong count = 0;
        string text = "";
        while (TryRead(ref partial, out int field, out ulong number, out ReadOnlySpan<byte> octets))
        {
            count = field == 1 ? number : count;
            text = field == 2 ? Encoding.UTF8.GetString(octets[..Math.Min(octets.Length, MostText)]).ReplaceLineEndings(" ") : text;
        }

        return count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{count} of them were refused{(text.Length > 0 ? ": " : "")}{text}");
    }

    /// <summary>Reads a field that is a varint or is delimited.</summary>
    private static bool TryRead(scoped ref ReadOnlySpan<byte> rest, out int field, out ulong number, out ReadOnlySpan<byte> octets)
    {
        octets = default;
        number = 0;
        field = 0;
        if (!TryReadVarint(ref rest, out ulong tag) || !TryReadVarint(ref rest, out number))
        {
            return false;
        }

        field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                return true;
            case 2 when number <= (ulong)rest.Length:
                octets = rest[..(int)number];
                rest = rest[(int)number..];
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadVarint(scoped ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (int i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
