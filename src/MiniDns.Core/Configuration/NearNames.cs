namespace MiniDns.Configuration;

/// <summary>Finds the known name a user probably meant: "did you mean".</summary>
public static class NearNames
{
    /// <summary>The longest name that is looked at, in characters: longer ones are no typing errors.</summary>
    private const int MaxLength = 64;

    /// <summary>The known name nearest to what was written.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">The names that exist.</param>
    /// <returns>The nearest name, or null when none is near: one slip is forgiven in a name of two to four characters, two up to
    /// eight, three in longer ones. Case does not count.</returns>
    public static string? Find(string written, IEnumerable<string> known)
    {
        if (written.Length is 0 or > MaxLength)
        {
            return null;
        }

        int limit = written.Length switch
        {
            1 => 0,
            <= 4 => 1,
            <= 8 => 2,
            _ => 3,
        };
        string? nearest = null;
        int least = limit + 1;
        foreach (string name in known)
        {
            if (Math.Abs(name.Length - written.Length) < least && Distance(written, name) is int distance && distance < least)
            {
                least = distance;
                nearest = name;
            }
        }

        return nearest;
    }

    /// <summary>The end of an error message about an unknown name.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">The names that exist.</param>
    /// <returns><c>; did you mean 'NAME'?</c>, or the list of names when none is near and there are at most 20, or nothing.</returns>
    public static string Hint(string written, IReadOnlyCollection<string> known)
    {
        if (Find(written, known) is string near)
        {
            return $"; did you mean '{near}'?";
        }

        return known.Count is 0 or > 20 ? string.Empty : $"; known are: {string.Join(", ", known)}";
    }

    /// <summary>How many slips divide two texts: a character left out, added, changed, or swapped with its neighbour
    /// (Damerau-Levenshtein distance, each place edited once). ASCII case does not count.</summary>
    public static int Distance(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        int[] beforeLast = new int[right.Length + 1];
        int[] last = new int[right.Length + 1];
        int[] row = new int[right.Length + 1];
        for (int j = 0; j <= right.Length; j++)
        {
            last[j] = j;
        }

        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int change = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + change);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last, row) = (last, row, beforeLast);
        }

        return last[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
