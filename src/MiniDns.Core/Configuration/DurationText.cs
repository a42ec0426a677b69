using System.Globalization;

namespace MiniDns.Configuration;

/// <summary>Reads durations as Go's <c>time.ParseDuration</c> does: <c>300ms</c>, <c>1.5h</c>, <c>1h30m</c>, <c>-2s</c>, <c>0</c>.</summary>
public static class DurationText
{
    /// <summary>Nanoseconds of each unit.</summary>
    private static readonly Dictionary<string, long> Units = new(StringComparer.Ordinal)
    {
        ["ns"] = 1,
        ["us"] = 1_000,
        ["\u00B5s"] = 1_000, // micro sign
        ["\u03BCs"] = 1_000, // Greek letter mu
        ["ms"] = 1_000_000,
        ["s"] = 1_000_000_000,
        ["m"] = 60_000_000_000,
        ["h"] = 3_600_000_000_000,
    };

    /// <summary>Reads a duration.</summary>
    /// <param name="text">Numbers, each with an optional fraction and a unit (ns, us, ms, s, m, h), one after the other, with an optional
    /// sign in front; or a bare <c>0</c>.</param>
    /// <param name="duration">The duration, in steps of 100 ns; at most about 292 years, as in Go.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        bool isNegative = text is ['-', ..];
        if (text is ['-' or '+', ..])
        {
            text = text[1..];
        }

        if (text is "0")
        {
            return true;
        }

        if (text.IsEmpty)
        {
            return false;
        }

        decimal total = 0;
        while (!text.IsEmpty)
        {
            int numberLength = LengthWhile(text, c => char.IsAsciiDigit(c) || c == '.');
            int unitLength = LengthWhile(text[numberLength..], c => !char.IsAsciiDigit(c) && c != '.');
            if (!Units.TryGetValue(text.Slice(numberLength, unitLength).ToString(), out long unit) || !TryParseNumber(text[..numberLength], out decimal number) || number > (decimal)long.MaxValue / unit)
            {
                return false;
            }

            total += decimal.Truncate(number * unit);
            if (total > long.MaxValue)
            {
                return false;
            }

            text = text[(numberLength + unitLength)..];
        }

        long nanoseconds = (long)total;
        duration = TimeSpan.FromTicks((isNegative ? -nanoseconds : nanoseconds) / TimeSpan.NanosecondsPerTick);
        return true;
    }

    /// <summary>Reads a duration in which a bare number counts seconds: <c>30</c> is <c>30s</c>.</summary>
    public static bool TryParseOrSeconds(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        ReadOnlySpan<char> digits = text is ['-' or '+', .. ReadOnlySpan<char> rest] ? rest : text;
        return digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') ? TryParse(text, out duration) : TryParse($"{text}s", out duration);
    }

    /// <summary>Writes a duration as Go does: <c>1h30m0s</c>, <c>250ms</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        string sign = duration < TimeSpan.Zero ? "-" : string.Empty;
        decimal nanoseconds = Math.Abs((decimal)duration.Ticks) * TimeSpan.NanosecondsPerTick;
        if (nanoseconds == 0)
        {
            return "0s";
        }

        if (nanoseconds < 1_000_000_000)
        {
            (decimal divisor, string unit) = nanoseconds < 1_000 ? (1m, "ns") : nanoseconds < 1_000_000 ? (1_000m, "\u00B5s") : (1_000_000m, "ms");
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{nanoseconds / divisor:0.######}{unit}");
        }

        decimal seconds = nanoseconds / 1_000_000_000;
        long minutes = (long)(seconds / 60);
        string text = string.Create(CultureInfo.InvariantCulture, $"{seconds % 60:0.#########}s");
        return minutes >= 60 ? $"{sign}{minutes / 60}h{minutes % 60}m{text}" : minutes > 0 ? $"{sign}{minutes}m{text}" : sign + text;
    }

    private static int LengthWhile(ReadOnlySpan<char> text, Func<char, bool> condition)
    {
        int length = 0;
        while (length < text.Length && condition(text[length]))
        {
            length++;
        }

        return length;
    }

    /// <summary>Digits with an optional point, at least one digit; digits of the fraction beyond the 18th do not count.</summary>
    private static bool TryParseNumber(ReadOnlySpan<char> text, out decimal number)
    {
        number = 0;
        int point = text.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? text : text[..point];
        ReadOnlySpan<char> fraction = point < 0 ? default : text[(point + 1)..];
        whole = whole.TrimStart('0');
        if ((text.Length <= 1 && point == 0) || text.IsEmpty || whole.Length > 19 || fraction.Contains('.'))
        {
            return false;
        }

        foreach (char digit in whole)
        {
            number = (number * 10) + (digit - '0');
        }

        decimal place = 0.1m;
        foreach (char digit in fraction[..Math.Min(fraction.Length, 18)])
        {
            number += (digit - '0') * place;
            place /= 10;
        }

        return true;
    }
}
