using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Examples;

/// <summary>A section of the README with everything that is needed to do what it says: files, a Corefile, commands and what they print.</summary>
/// <param name="Corefile">The Corefile.</param>
/// <param name="Files">Texts by the file names that the line before them ends with.</param>
/// <param name="Before">The commands that stand before the Corefile.</param>
/// <param name="After">The commands that stand after it.</param>
internal sealed partial record Recipe(string Corefile, IReadOnlyDictionary<string, string> Files, IReadOnlyList<Recipe.Session> Before, IReadOnlyList<Recipe.Session> After)
{
    /// <summary>A command, and lines that it prints.</summary>
    public sealed record Session(string Command, IReadOnlyList<string> Output);

    /// <summary>Reads the section below a heading.</summary>
    public static Recipe Read(string heading)
    {
        string readme = File.ReadAllText(Repository.PathOf("README.md"));
        int start = readme.IndexOf($"\n### {heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"the README has no section '{heading}'");
        Match next = Heading().Match(readme, start + heading.Length);
        string corefile = "";
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        List<Session> before = [];
        List<Session> after = [];
        foreach (Match fence in Fence().Matches(readme[start..next.Index]))
        {
            string text = fence.Groups["text"].Value;
            switch (fence.Groups["kind"].Value)
            {
                case "corefile":
                    corefile = text;
                    break;
                case "txt":
                    files.Add(fence.Groups["file"].Value, text);
                    break;
                default:
                    (corefile.Length == 0 ? before : after).AddRange(Command().Matches(text).Select(c =>
                        new Session(c.Groups["command"].Value, [.. c.Groups["output"].Value.Split('\n').Select(Plain).Where(l => l.Length > 0)])));
                    break;
            }
        }

        Assert.NotEmpty(corefile);
        return new Recipe(corefile, files, before, after);
    }

    /// <summary>A line with gaps of one blank.</summary>
    public static string Plain(string line) => Gap().Replace(line, " ").Trim();

    [GeneratedRegex(@"\n##+ ", RegexOptions.CultureInvariant)]
    private static partial Regex Heading();

    // "… stand in `db.example.org`:" names the file that follows.
    [GeneratedRegex(@"(`(?<file>[^`\n]+)`[^`\n]*:\n)?\n```(?<kind>\w*)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\$ (?<command>[^\n]+)\n(?<output>((?!\$ )[^\n]*\n)*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Command();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Gap();
}
