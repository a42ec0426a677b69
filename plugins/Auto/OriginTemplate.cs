using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Auto;

/// <summary>A zone's name with places for what an expression found in a file's name: <c>{1}.example.org</c>.</summary>
internal sealed class OriginTemplate
{
    private readonly string _text;

    private OriginTemplate(string text) => _text = text;

    /// <summary>Reads a template; <c>{1}</c> is the first group, <c>{name}</c> a named one; any other text stands for itself.</summary>
    public static OriginTemplate Parse(string text) => new(text);

    /// <summary>Fills the places in.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="match">What it found.</param>
    /// <returns>The name's text; a place without such a group is empty, as in CoreDNS.</returns>
    public string Expand(GoRegex pattern, Match match)
    {
        var result = new StringBuilder();
        ReadOnlySpan<char> rest = _text;
        while (!rest.IsEmpty)
        {
            int open = rest.IndexOf('{');
            int close = open < 0 ? -1 : rest[open..].IndexOf('}');
            if (close < 0)
            {
                break;
            }

            result.Append(rest[..open]);
            result.Append(GroupOf(pattern, match, rest.Slice(open + 1, close - 1)));
            rest = rest[(open + close + 1)..];
        }

        return result.Append(rest).ToString();
    }

    private static string GroupOf(GoRegex pattern, Match match, ReadOnlySpan<char> place)
    {
        if (!int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out int group))
        {
            group = -1;
            for (int i = 1; i < pattern.GroupNames.Count; i++)
            {
                if (place.Length > 0 && place.SequenceEqual(pattern.GroupNames[i]))
                {
                    group = i;
                }
            }
        }

        return group >= 0 && group < match.Groups.Count ? match.Groups[group].Value : string.Empty;
    }
}
