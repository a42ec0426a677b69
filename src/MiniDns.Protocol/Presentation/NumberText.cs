namespace MiniDns.Protocol.Presentation;

/// <summary>Decimal numbers and times to live.</summary>
internal static class NumberText
{
    /// <summary>Reads decimal digits.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, ulong max, out ulong value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > 20)
        {
            return false;
        }

        foreach (byte c in text)
        {
            uint digit = (uint)(c - '0');
            if (digit > 9 || value > max / 10)
            {
                return false;
            }

            value = (value * 10) + digit;
            if (value > max)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads seconds, plain or with units: <c>1w2d3h4m5s</c>.</summary>
    internal static bool TryParseSeconds(ReadOnlySpan<byte> text, out uint seconds)
    {
        ulong total = 0;
        ulong number = 0;
        bool digits = false;
        bool units = false;
        seconds = 0;
        foreach (byte c in text)
        {
            uint digit = (uint)(c - '0');
            if (digit <= 9)
            {
                number = (number * 10) + digit;
                digits = true;
                if (number > uint.MaxValue)
                {
                    return false;
                }

                continue;
            }

            uint unit = (char)(c | 0x20) switch
            {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 86400,
                'w' => 604800,
                _ => 0,
            };
            if (unit == 0 || !digits)
            {
                return false;
            }

            total += number * unit;
            number = 0;
            digits = false;
            units = true;
            if (total > uint.MaxValue)
            {
                return false;
            }
        }

        if (text.IsEmpty || (digits && units))
        {
            return false;       // a number after a unit needs one too
        }

        total += number;
        seconds = (uint)total;
        return total <= uint.MaxValue;
    }
}
