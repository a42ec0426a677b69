using System.Text;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>Makes patterns of the words of a rule.</summary>
internal sealed class PatternReader(DirectiveReader reader)
{
    /// <summary>The way back of a rule for suffixes.</summary>
    public static NamePattern SuffixBack(CorefileToken from, CorefileToken to) =>
        new EdgePattern(Octets(to.Text, PatternUse.Question), Octets(from.Text, PatternUse.Question), isPrefix: false);

    /// <summary>Makes a pattern.</summary>
    /// <param name="kind">exact, prefix, suffix, substring or regex.</param>
    /// <param name="from">What it matches.</param>
    /// <param name="to">What it makes; null for a pattern that only matches.</param>
    /// <param name="use">What it is held against.</param>
    /// <returns>The pattern; null after an error.</returns>
    public NamePattern? Read(string kind, CorefileToken from, CorefileToken? to, PatternUse use)
    {
        switch (kind)
        {
            case "exact":
                DnsName? name = ReadName(from);
                DnsName? other = to is null ? DnsName.Root : ReadName(to);
                return name is null || other is null ? null : new ExactPattern(name, other);
            case "regex":
                return ReadRegex(from, to, use);
            default:
                if (from.Text.Length == 0 && use == PatternUse.Target)
                {
                    reader.Error(from.Span, "an empty text is in every name; write which names are meant");
                    return null;
                }

                byte[] octets = Octets(from.Text, use);
                byte[] made = to is null ? [] : Octets(to.Text, use);
                return kind == "substring" ? new SubstringPattern(octets, made) : new EdgePattern(octets, made, kind == "prefix");
        }
    }

    private static byte[] Octets(string text, PatternUse use) => Encoding.UTF8.GetBytes(use == PatternUse.Target ? text.ToLowerInvariant() : Complete(text));

    /// <summary>In lower case and with a final dot, as the names that it is held against are.</summary>
    private static string Complete(string text) => (text.EndsWith('.') ? text : text + '.').ToLowerInvariant();

    private DnsName? ReadName(CorefileToken token)
    {
        if (DnsName.TryParse(Complete(token.Text), null, out DnsName? name, out string? error))
        {
            return name;
        }

        reader.Error(token.Span, $"'{token.Text}' is not a domain name: {error}");
        return null;
    }

    private RegexPattern? ReadRegex(CorefileToken from, CorefileToken? to, PatternUse use)
    {
        if (from.Text.Contains('\uFFFD', StringComparison.Ordinal))
        {
            reader.Error(from.Span, $"'{from.Text}' holds octets that are no UTF-8 text");
            return null;
        }

        if (!GoRegex.TryParse(from.Text, out GoRegex? expression, out string? error)
            || (use == PatternUse.Target && !GoRegex.TryParse("(?i)" + from.Text, out expression, out error)))
        {
            reader.Error(from.Span, $"'{from.Text}' is {error}");
            return null;
        }

        GroupTemplate template = GroupTemplate.Parse(to is null ? string.Empty : use == PatternUse.Target ? to.Text.ToLowerInvariant() : Complete(to.Text));
        int groups = expression.GroupNames.Count - 1;
        if (template.HighestGroup > groups)
        {
            reader.Error(to!.Span, $"'{to.Text}' names the group {{{template.HighestGroup}}}, but the expression '{from.Text}' has {groups} of them");
            return null;
        }

        return new RegexPattern(expression, template);
    }
}
