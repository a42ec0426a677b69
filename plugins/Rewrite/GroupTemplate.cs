using System.Globalization;
using System.Text;

namespace MiniDns.Plugins.Rewrite;

/// <summary>A text with places for the groups of a regular expression: <c>{1}.example.org.</c></summary>
internal sealed class GroupTemplate
{
    private readonly Piece[] _pieces;

    private GroupTemplate(List<Piece> pieces)
    {
        _pieces = [.. pieces];
        foreach (Piece piece in _pieces)
        {
            HighestGroup = Math.Max(HighestGroup, piece.Group);
        }
    }

    /// <summary>The literals and groups, in order.</summary>
    public ReadOnlySpan<Piece> Pieces => _pieces;

    /// <summary>The highest number of a group; -1 without groups.</summary>
    public int HighestGroup { get; } = -1;

    /// <summary>True when there is a group.</summary>
    public bool HasGroups => HighestGroup >= 0;

    /// <summary>Reads a template. What is no number in braces stands for itself.</summary>
    public static GroupTemplate Parse(string text)
    {
        List<Piece> pieces = [];
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int end = text[i] == '{' ? text.IndexOf('}', i) : -1;
            if (end > i + 1
                && end - i <= 4
                && int.TryParse(text.AsSpan(i + 1, end - i - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int group))
            {
                AddLiteral(text[start..i]);
                pieces.Add(new Piece([], group));
                i = end;
                start = end + 1;
            }
        }

        AddLiteral(text[start..]);
        return new GroupTemplate(pieces);

        void AddLiteral(string literal)
        {
            if (literal.Length > 0)
            {
                pieces.Add(new Piece(Encoding.UTF8.GetBytes(literal), -1));
            }
        }
    }

    /// <summary>A literal, or a group's number.</summary>
    /// <param name="Literal">The literal in UTF-8; empty for a group.</param>
    /// <param name="Group">The group's number; -1 for a literal.</param>
    public readonly record struct Piece(byte[] Literal, int Group);
}
