namespace MiniDns.Protocol.Presentation;

/// <summary>Times of signatures: seconds since 1970 as <c>YYYYMMDDHHmmSS</c> in UTC (RFC 4034 §3.2).</summary>
/// <remarks>The field wraps in 2106; text is read modulo 2^32 and written for the years 1970 to 2106, as no clock is known here.</remarks>
internal static class TimestampText
{
    internal static void Format(uint seconds, ref PresentationWriter text)
    {
        DateTime time = DateTime.UnixEpoch.AddSeconds(seconds);
        text.AppendNumber(time.Year, 4);
        text.AppendNumber(time.Month, 2);
        text.AppendNumber(time.Day, 2);
        text.AppendNumber(time.Hour, 2);
        text.AppendNumber(time.Minute, 2);
        text.AppendNumber(time.Second, 2);
    }

    /// <summary>Reads fourteen digits of a time, or up to ten digits of seconds.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out uint seconds)
    {
        seconds = 0;
        if (text.Length != 14)
        {
            return NumberText.TryParse(text, uint.MaxValue, out ulong value) && (seconds = (uint)value) == value;
        }

        if (!NumberText.TryParse(text[..4], 9999, out ulong year)
            || !NumberText.TryParse(text[4..6], 12, out ulong month)
            || !NumberText.TryParse(text[6..8], 31, out ulong day)
            || !NumberText.TryParse(text[8..10], 23, out ulong hour)
            || !NumberText.TryParse(text[10..12], 59, out ulong minute)
            || !NumberText.TryParse(text[12..], 60, out ulong second)
            || year < 1970
            || month == 0
            || day == 0
            || (int)day > DateTime.DaysInMonth((int)year, (int)month))
        {
            return false;
        }

        var time = new DateTime((int)year, (int)month, (int)day, (int)hour, (int)minute, 0, DateTimeKind.Utc);
        seconds = unchecked((uint)((long)(time - DateTime.UnixEpoch).TotalSeconds + (long)second));
        return true;
    }
}
