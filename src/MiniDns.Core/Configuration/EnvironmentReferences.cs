namespace MiniDns.Configuration;

/// <summary>Replaces <c>{$NAME}</c> and <c>{%NAME%}</c> in a word by the value of an environment variable.</summary>
/// <remarks>
/// An unset variable gives an empty text, or the default of <c>{$NAME:default}</c>. A value may hold references of its own.
/// The <c>%</c> form is replaced first, as in CoreDNS.
/// </remarks>
internal static class EnvironmentReferences
{
    /// <summary>How many references one word may hold, those found in values included: a variable that names itself ends here.</summary>
    private const int MaxReplacements = 100;

    /// <summary>The longest text a word may grow to, in characters.</summary>
    private const int MaxLength = 1 << 20;

    /// <summary>Replaces every reference in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="environment">Gives a variable's value, null when it is not set.</param>
    /// <param name="error">What went wrong; the result is then the text as far as it was replaced.</param>
    /// <param name="unset">The variables that are not set and have no default.</param>
    public static string Replace(string text, Func<string, string?> environment, out string? error, out IReadOnlyList<string> unset)
    {
        error = null;
        unset = [];
        if (!text.Contains('{', StringComparison.Ordinal))
        {
            return text;
        }

        List<string> missing = [];
        text = Replace(text, "{%", "%}", environment, ref error, missing);
        text = Replace(text, "{$", "}", environment, ref error, missing);
        unset = missing;
        return text;
    }

    private static string Replace(string text, string opening, string closing, Func<string, string?> environment, ref string? error, List<string> missing)
    {
        for (int replaced = 0; TryFind(text, opening, closing, out int start, out int end); replaced++)
        {
            string reference = text[(start + opening.Length)..(end - closing.Length)];
            if (replaced == MaxReplacements)
            {
                error = $"the environment variable '{reference}' refers to itself, or the word holds more than {MaxReplacements} references";
                return text;
            }

            string value = Value(reference, environment, missing);
            if (text.Length + value.Length > MaxLength)
            {
                error = $"the environment variable '{reference}' makes this word longer than {MaxLength} characters";
                return text;
            }

            text = string.Concat(text.AsSpan(0, start), value, text.AsSpan(end));
        }

        return text;
    }

    private static bool TryFind(string text, string opening, string closing, out int start, out int end)
    {
        start = text.IndexOf(opening, StringComparison.Ordinal);
        end = start < 0 ? -1 : text.IndexOf(closing, start, StringComparison.Ordinal);
        if (end <= start + opening.Length)
        {
            // not closed, or without a name: the text stays as it is
            return false;
        }

        end += closing.Length;
        return true;
    }

    private static string Value(string reference, Func<string, string?> environment, List<string> missing)
    {
        int colon = reference.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? reference : reference[..colon];
        if (environment(name) is { } value)
        {
            return value;
        }

        if (colon < 0 && !missing.Contains(name))
        {
            missing.Add(name);
        }

        return colon < 0 ? string.Empty : reference[(colon + 1)..];
    }
}
