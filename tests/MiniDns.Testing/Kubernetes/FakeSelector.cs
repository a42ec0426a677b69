namespace MiniDns.Testing.Kubernetes;

/// <summary>A label selector, or the phase part of a field selector.</summary>
internal static class FakeSelector
{
    public static bool Matches(string labelSelector, string fieldSelector, FakeApiObject o) => MatchesLabels(labelSelector, o.Labels) && MatchesFields(fieldSelector, o);

    private static bool MatchesFields(string selector, FakeApiObject o)
    {
        foreach (string part in selector.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            bool negative = part.Contains("!=", StringComparison.Ordinal);
            string[] sides = part.Split(negative ? "!=" : "=", 2);
            string value = sides[0] switch
            {
                "status.phase" => o.Phase,
                "metadata.name" => o.Name,
                "metadata.namespace" => o.Namespace,
                _ => throw new FormatException($"field label not supported: {sides[0]}"),
            };
            if ((value == sides[1].TrimStart('=')) == negative)
            {
                return false;
            }
        }

        return true;
    }

    private static bool MatchesLabels(string selector, IReadOnlyDictionary<string, string> labels)
    {
        foreach (string requirement in Requirements(selector))
        {
            if (!Matches(requirement.Trim(), labels))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Matches(string requirement, IReadOnlyDictionary<string, string> labels)
    {
        string[] words = requirement.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > 1 && words[1] is "in" or "notin")
        {
            string list = requirement[(requirement.IndexOf('(', StringComparison.Ordinal) + 1)..requirement.LastIndexOf(')')];
            bool among = labels.TryGetValue(words[0], out string? value) && list.Split(',').Any(v => v.Trim() == value);
            return words[1] == "in" ? among : !among;
        }

        int at = requirement.IndexOf("!=", StringComparison.Ordinal);
        if (at > 0)
        {
            return !labels.TryGetValue(requirement[..at].Trim(), out string? value) || value != requirement[(at + 2)..].Trim();
        }

        at = requirement.IndexOf('=', StringComparison.Ordinal);
        if (at > 0)
        {
            return labels.TryGetValue(requirement[..at].Trim(), out string? value) && value == requirement[(at + 1)..].TrimStart('=').Trim();
        }

        return requirement.StartsWith('!') ? !labels.ContainsKey(requirement[1..].Trim()) : requirement.Length == 0 || labels.ContainsKey(requirement);
    }

    // Commas within parentheses are part of a set.
    private static IEnumerable<string> Requirements(string selector)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i < selector.Length; i++)
        {
            depth += selector[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (selector[i] == ',' && depth == 0)
            {
                yield return selector[start..i];
                start = i + 1;
            }
        }

        yield return selector[start..];
    }
}
