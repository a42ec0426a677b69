using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace MiniDns.Configuration;

/// <summary>A regular expression in Go's syntax (RE2), as Corefiles hold them. Matching takes time linear in the text, whatever the expression.</summary>
/// <remarks>
/// What differs from .NET's syntax is translated: <c>(?P&lt;name&gt;…)</c>, <c>[[:alpha:]]</c>, <c>\pL</c>, <c>\Q…\E</c>, <c>\x{10FF}</c>, the flag <c>U</c>,
/// <c>$</c> that matches at the very end only, and <c>\d \w \s</c> that mean ASCII. What RE2 does not have (lookaround, backreferences, atomic
/// groups) is refused. Groups are numbered by their opening parenthesis, named or not.
/// </remarks>
public sealed class GoRegex
{
    /// <summary>The longest expression, in characters; CoreDNS has the same limit.</summary>
    public const int MaxLength = 10_000;

    private GoRegex(string pattern, Regex regex, IReadOnlyList<string> groupNames)
    {
        Pattern = pattern;
        Regex = regex;
        GroupNames = groupNames;
    }

    /// <summary>The expression as it was written.</summary>
    public string Pattern { get; }

    /// <summary>The expression to match with. Its groups are known by number only.</summary>
    public Regex Regex { get; }

    /// <summary>The name of each group, by its number; empty for one without. Group 0 is the whole match.</summary>
    public IReadOnlyList<string> GroupNames { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="pattern">The expression, in Go's syntax.</param>
    /// <param name="regex">The expression, ready to match.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryParse(string pattern, [NotNullWhen(true)] out GoRegex? regex, [NotNullWhen(false)] out string? error)
    {
        regex = null;
        if (pattern.Length > MaxLength)
        {
            error = $"a regular expression must not be longer than {MaxLength} characters";
            return false;
        }

        try
        {
            GoRegexTranslator translator = new(pattern);
            string translated = translator.Translate();
            regex = new GoRegex(pattern, new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), translator.GroupNames);
            error = null;
            return true;
        }
        catch (FormatException e)
        {
            error = $"not a regular expression: {e.Message}";
        }
        catch (RegexParseException e)
        {
            // The position is one in the translated expression, so it is not told.
            error = $"not a regular expression: {Describe(e.Error)}";
        }
        catch (NotSupportedException)
        {
            error = "the regular expression is too large, or holds what cannot be matched in linear time";
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern;

    private static string Describe(RegexParseError error) => error switch
    {
        RegexParseError.InsufficientClosingParentheses => "a ')' is missing",
        RegexParseError.InsufficientOpeningParentheses => "a '(' is missing",
        RegexParseError.UnterminatedBracket => "a ']' is missing",
        RegexParseError.QuantifierAfterNothing => "nothing stands before a '*', '+', '?' or '{n}'",
        RegexParseError.NestedQuantifiersNotParenthesized => "two repetitions follow each other",
        RegexParseError.ReversedQuantifierRange or RegexParseError.ReversedCharacterRange => "a range is the wrong way round",
        RegexParseError.QuantifierOrCaptureGroupOutOfRange => "a number of repetitions is too large",
        RegexParseError.InvalidUnicodePropertyEscape or RegexParseError.MalformedUnicodePropertyEscape => "an unknown Unicode class; general categories such as \\pL or \\p{Lu} are known",
        _ => error.ToString(),
    };
}
