using System.Globalization;

namespace MiniDns.Configuration;

/// <summary>Words that can be put in place of an import: a whole file, or the inside of a snippet.</summary>
/// <param name="Label">What it is called in messages: <c>snippet 'name'</c> or <c>file 'path'</c>.</param>
/// <param name="File">The file the words stand in, as it is named in messages.</param>
/// <param name="Words">The words.</param>
/// <param name="Span">The snippet's place, or the beginning of the file.</param>
/// <param name="IsSnippet">True for a snippet: only snippets take arguments.</param>
internal sealed record CorefileSource(string Label, string File, ArraySegment<CorefileWord> Words, SourceSpan Span, bool IsSnippet)
{
    private int? _argumentCount;

    /// <summary>How many arguments the words use: one more than the highest N in <c>{args.N}</c> or <c>{args[N]}</c>.</summary>
    public int ArgumentCount => _argumentCount ??= CountArguments();

    /// <summary>Puts the arguments of an import in place of <c>{args.N}</c> and <c>{args[N]}</c>.</summary>
    public static string ReplaceArguments(string text, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
        {
            return text;
        }

        for (int at = 0; TryFindArgument(text, at, out int start, out int end, out int index); at = end)
        {
            if (index < arguments.Count)
            {
                text = string.Concat(text.AsSpan(0, start), arguments[index], text.AsSpan(end));
                end = start + arguments[index].Length;
            }
        }

        return text;
    }

    private int CountArguments()
    {
        int count = 0;
        foreach (CorefileWord word in Words)
        {
            for (int at = 0; TryFindArgument(word.Text, at, out _, out int end, out int index); at = end)
            {
                count = Math.Max(count, index + 1);
            }
        }

        return count;
    }

    private static bool TryFindArgument(string text, int from, out int start, out int end, out int index)
    {
        const string Opening = "{args";
        for (start = text.IndexOf(Opening, from, StringComparison.Ordinal); start >= 0; start = text.IndexOf(Opening, start + 1, StringComparison.Ordinal))
        {
            int at = start + Opening.Length;
            end = text.IndexOf('}', at) + 1;
            ReadOnlySpan<char> inside = end > 0 ? text.AsSpan(at, end - 1 - at) : default;
            ReadOnlySpan<char> digits = inside switch
            {
                ['.', .. ReadOnlySpan<char> rest] => rest,
                ['[', .. ReadOnlySpan<char> rest, ']'] => rest,
                _ => default,
            };
            if (digits.Length is > 0 and <= 3 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out index))
            {
                return true;
            }
        }

        end = 0;
        index = 0;
        return false;
    }
}
