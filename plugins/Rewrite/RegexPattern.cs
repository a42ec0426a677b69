using System.Text;
using System.Text.RegularExpressions;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>A name made of the groups of a regular expression.</summary>
/// <remarks>A name that does not match costs no allocation; one that does costs some when groups are used.</remarks>
internal sealed class RegexPattern(GoRegex expression, GroupTemplate to) : NamePattern
{
    private readonly Regex _regex = expression.Regex;

    /// <inheritdoc/>
    public override bool Matches(ref LowerText name)
    {
        Span<char> text = stackalloc char[DnsNameText.MaxChars];
        return _regex.IsMatch(Widen(name.Text, text));
    }

    /// <inheritdoc/>
    public override NameChange Rewrite(ref LowerText name, scoped Span<byte> wire, out int length)
    {
        length = 0;
        Span<char> buffer = stackalloc char[DnsNameText.MaxChars];
        ReadOnlySpan<char> text = Widen(name.Text, buffer);
        if (!_regex.IsMatch(text))
        {
            return NameChange.NoMatch;
        }

        TextBuilder builder = new(stackalloc byte[DnsNameText.MaxChars]);
        Match? match = to.HasGroups ? _regex.Match(text.ToString()) : null;
        foreach (GroupTemplate.Piece piece in to.Pieces)
        {
            if (piece.Group < 0)
            {
                builder.Add(piece.Literal);
            }
            else
            {
                builder.Add(match!.Groups[piece.Group].ValueSpan);
            }
        }

        return builder.ToName(wire, out length);
    }

    private static ReadOnlySpan<char> Widen(ReadOnlySpan<byte> text, Span<char> to)
    {
        Ascii.ToUtf16(text, to, out int written);
        return to[..written];
    }
}
