using System.Globalization;
using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Examples;

/// <summary>A Corefile that people are shown: a file, or a block of a README.</summary>
internal sealed partial record CorefileExample(string Place, string Text)
{
    /// <summary>Every README's <c>corefile</c> blocks, Corefile.example, and the Corefiles of config.</summary>
    public static IReadOnlyList<CorefileExample> All { get; } = [.. Find()];

    private static IEnumerable<CorefileExample> Find()
    {
        yield return Whole(Repository.PathOf("Corefile.example"));
        foreach (string file in Directory.EnumerateFiles(Repository.PathOf("config"), "Corefile*").Order(StringComparer.Ordinal))
        {
            yield return Whole(file);
        }

        foreach (string file in Readmes(Repository.Root).Order(StringComparer.Ordinal))
        {
            string text = File.ReadAllText(file);
            foreach (Match block in Fence().Matches(text))
            {
                int line = text.AsSpan(0, block.Index).Count('\n') + 1;
                yield return new CorefileExample(string.Create(CultureInfo.InvariantCulture, $"{Relative(file)}:{line}"), block.Groups["text"].Value);
            }
        }
    }

    private static CorefileExample Whole(string file) => new(Relative(file), File.ReadAllText(file));

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file);

    private static IEnumerable<string> Readmes(string directory)
    {
        foreach (string file in Directory.EnumerateFiles(directory, "README.md"))
        {
            yield return file;
        }

        foreach (string below in Directory.EnumerateDirectories(directory))
        {
            if (Path.GetFileName(below) is not ("bin" or "obj" or "artifacts" or "TestResults") && !Path.GetFileName(below).StartsWith('.'))
            {
                foreach (string file in Readmes(below))
                {
                    yield return file;
                }
            }
        }
    }

    [GeneratedRegex(@"^(?<indent> *)```+ *corefile *\n(?<text>.*?)^\k<indent>```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Fence();
}
