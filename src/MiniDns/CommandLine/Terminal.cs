using MiniDns.Configuration;

namespace MiniDns.CommandLine;

/// <summary>Output for people: lines that are too long for the terminal are broken between words. What goes elsewhere keeps its lines.</summary>
internal static class Terminal
{
    private const string Indent = "    ";

    /// <summary>The width of standard output; no limit when it is no terminal.</summary>
    public static int OutputWidth => Width(Console.IsOutputRedirected);

    /// <summary>The width of standard error; no limit when it is no terminal.</summary>
    public static int ErrorWidth => Width(Console.IsErrorRedirected);

    /// <summary>Breaks a line between words.</summary>
    public static IEnumerable<string> Wrap(string line, int width)
    {
        // The last column stays free: some terminals begin a new line after it.
        while (line.Length >= width && line.LastIndexOf(' ', width - 1) is > 0 and int end)
        {
            yield return line[..end];
            line = line[(end + 1)..];
        }

        yield return line;
    }

    /// <summary>The lines of a finding; all but the first are indented.</summary>
    public static IEnumerable<string> Wrap(ConfigDiagnostic finding, int width)
    {
        string text = finding.ToString();
        string first = Wrap(text, width).First();
        yield return first;
        if (first.Length < text.Length)
        {
            foreach (string line in Wrap(text[(first.Length + 1)..], width - Indent.Length))
            {
                yield return Indent + line;
            }
        }
    }

    private static int Width(bool isRedirected) => isRedirected || Console.WindowWidth <= 0 ? int.MaxValue : Console.WindowWidth;
}
