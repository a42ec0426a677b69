using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace MiniDns.Cluster;

/// <summary>Which objects are meant, by their labels: <c>environment in (production, qa),!legacy,application=nginx</c>.</summary>
public sealed partial class LabelSelector
{
    private readonly Requirement[] _requirements;

    private LabelSelector(string text, Requirement[] requirements)
    {
        Text = text;
        _requirements = requirements;
    }

    /// <summary>The selector as it was written; the API server reads the same.</summary>
    public string Text { get; }

    /// <summary>Reads a selector.</summary>
    /// <param name="text">Requirements with commas between them, all of which have to be met.</param>
    /// <param name="selector">The selector.</param>
    /// <param name="error">What is wrong and what would be right.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LabelSelector? selector, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        selector = null;
        error = null;
        List<Requirement> requirements = [];
        int at = 0;
        while (true)
        {
            Match match = RequirementPattern().Match(text, at);
            if (!match.Success)
            {
                error = $"'{text[at..].Trim()}' is not a requirement such as 'key=value', 'key!=value', 'key in (a, b)', 'key notin (a, b)', 'key' or '!key'";
                return false;
            }

            string key = match.Groups["key"].Value;
            if (!KeyPattern().IsMatch(key))
            {
                error = $"'{key}' is not a label's key such as 'app' or 'app.kubernetes.io/name'";
                return false;
            }

            string operation = match.Groups["op"].Value;
            string[] values = [.. match.Groups["value"].Captures.Select(c => c.Value)];
            if (Array.Find(values, v => !ValuePattern().IsMatch(v)) is { } wrong)
            {
                error = $"'{wrong}' is not a label's value: at most 63 letters, digits, dashes, dots and underscores";
                return false;
            }

            requirements.Add(operation switch
            {
                "" => new Requirement(key, match.Groups["not"].Success ? Operation.Absent : Operation.Present, []),
                "=" or "==" or "in" => new Requirement(key, Operation.In, values),
                _ => new Requirement(key, Operation.NotIn, values),
            });
            at = match.Index + match.Length;
            if (at == text.Length)
            {
                selector = new LabelSelector(text.Trim(), [.. requirements]);
                return true;
            }

            at++;       // the comma, which ends every requirement but the last
        }
    }

    /// <summary>True when labels meet every requirement.</summary>
    /// <param name="labels">Keys and values.</param>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return Array.TrueForAll(_requirements, r =>
        {
            string? value = labels.GetValueOrDefault(r.Key);
            return r.Operation switch
            {
                Operation.Present => value is not null,
                Operation.Absent => value is null,
                Operation.In => value is not null && r.Values.Contains(value),
                _ => value is null || !r.Values.Contains(value),
            };
        });
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    [GeneratedRegex(@"\G\s*(?:(?<not>!)\s*(?<key>[^\s,=!()<>]+)|(?<key>[^\s,=!()<>]+)(?:\s*(?<op>==|=|!=)\s*(?<value>[^\s,=!()<>]*)|\s+(?<op>in|notin)\s*\(\s*(?<value>[^\s,()]*)\s*(?:,\s*(?<value>[^\s,()]*)\s*)*\))?)\s*(?=,|$)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RequirementPattern();

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ValuePattern();

    private enum Operation
    {
        Present,
        Absent,
        In,
        NotIn,
    }

    private sealed record Requirement(string Key, Operation Operation, string[] Values);
}
