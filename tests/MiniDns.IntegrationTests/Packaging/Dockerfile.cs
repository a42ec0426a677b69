using System.Text.RegularExpressions;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>The instructions of a Dockerfile, by stages.</summary>
internal sealed partial class Dockerfile
{
    private Dockerfile(IReadOnlyList<DockerStage> stages)
    {
        Stages = stages;
    }

    /// <summary>The stages in their order; the last one is the image.</summary>
    public IReadOnlyList<DockerStage> Stages { get; }

    public static Dockerfile Read(string path)
    {
        string text = Continuation().Replace(Comment().Replace(File.ReadAllText(path), ""), " ");
        var stages = new List<DockerStage>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] words = line.Split(' ', 2);
            string keyword = words[0].ToUpperInvariant();
            string rest = words.Length > 1 ? words[1].Trim() : "";
            if (keyword == "FROM")
            {
                string[] from = [.. rest.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(w => !w.StartsWith("--", StringComparison.Ordinal))];
                stages.Add(new DockerStage(from.Length == 3 ? from[2] : null, from[0], []));
            }
            else
            {
                Assert.True(stages.Count > 0, $"'{line}' stands before FROM");
                stages[^1].Instructions.Add((keyword, rest));
            }
        }

        return new Dockerfile(stages);
    }

    [GeneratedRegex(@"^\s*#.*\n", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\\n", RegexOptions.CultureInvariant)]
    private static partial Regex Continuation();
}
