using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MiniDns.Plugins.On;

/// <summary>Divides a command line into words as a shell does, without anything else that a shell does: quotes, backslashes, comments.</summary>
internal static class CommandText
{
    /// <summary>Divides a command line.</summary>
    /// <param name="text">Words between spaces. <c>'…'</c> is taken as it is, in <c>"…"</c> and outside a backslash takes the next character as it is,
    /// <c>#</c> at the beginning of a word makes the rest a comment.</param>
    /// <param name="words">The words.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TrySplit(string text, out List<string> words, [NotNullWhen(false)] out string? error)
    {
        words = [];
        error = null;
        StringBuilder? word = null;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote != '\0' && c == quote)
            {
                quote = '\0';
            }
            else if (c == '\\' && quote != '\'')
            {
                if (++i == text.Length)
                {
                    error = "it ends with a backslash";
                    return false;
                }

                (word ??= new StringBuilder()).Append(text[i]);
            }
            else if (quote != '\0')
            {
                word!.Append(c);
            }
            else if (c is '\'' or '"')
            {
                quote = c;
                word ??= new StringBuilder();
            }
            else if (char.IsWhiteSpace(c))
            {
                Finish(words, ref word);
            }
            else if (c == '#' && word is null)
            {
                break;
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        if (quote != '\0')
        {
            error = $"the closing {quote} is missing";
            return false;
        }

        Finish(words, ref word);
        return true;
    }

    private static void Finish(List<string> words, ref StringBuilder? word)
    {
        if (word is not null)
        {
            words.Add(word.ToString());
            word = null;
        }
    }
}
