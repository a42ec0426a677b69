using System.Text.RegularExpressions;

namespace MiniDns.Server.Tests.Shape;

/// <summary>Rules that the compiler cannot keep.</summary>
public partial class SourceScanTests
{
    /// <summary>Where the real clock may be read: what has no TimeProvider, with the reason.</summary>
    private static readonly Dictionary<string, string> ClockReaders = new(StringComparer.Ordinal)
    {
        ["src/MiniDns/Logging/LineLogger.cs"] = "log lines tell the time of day",
    };

    /// <summary>What may wait, with the reason.</summary>
    private static readonly Dictionary<string, string> Sleepers = new(StringComparer.Ordinal)
    {
        ["plugins/Forward/ForwardPacer.cs"] = "a thread of its own that sleeps while there is nothing to pace",
    };

    [Fact]
    public void Time_comes_from_the_TimeProvider()
    {
        List<string> wrong = [];
        foreach (string file in Sources())
        {
            string name = SourceTree.Relative(file);
            if (!ClockReaders.ContainsKey(name))
            {
                wrong.AddRange(Lines(file, Clock()).Select(l => $"{name}:{l}"));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Nothing_lies_about_who_has_to_wait()
    {
        // A task that is waited for blocks a thread, perhaps a socket's.
        List<string> wrong = [];
        foreach (string file in Sources())
        {
            if (Sleepers.ContainsKey(SourceTree.Relative(file)))
            {
                continue;
            }

            wrong.AddRange(Lines(file, Blocking()).Select(l => $"{SourceTree.Relative(file)}:{l}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Namespaces_are_folders()
    {
        List<string> wrong = [];
        foreach (string file in SourceTree.Files("src", "*.cs").Concat(SourceTree.Files("plugins", "*.cs")))
        {
            string name = SourceTree.Relative(file);
            Match match = Namespace().Match(File.ReadAllText(file));
            if (!match.Success)
            {
                continue;       // the program's top-level statements, assembly attributes
            }

            string[] folders = name.Split('/')[..^1];
            string expected = folders[0] == "plugins"
                ? string.Join('.', ["MiniDns", "Plugins", .. folders[1..].Select(SourceTree.NamespaceOf)])
                : folders[1] == "MiniDns.Core" ? string.Join('.', ["MiniDns", .. folders[2..]]) : string.Join('.', folders[1..]);
            if (match.Groups[1].Value != expected)
            {
                wrong.Add($"{name}: namespace {match.Groups[1].Value}, expected {expected}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Tests_clean_up_in_a_way_that_xUnit_knows()
    {
        // IAsyncDisposable it passes over: directories and sockets would stay.
        IEnumerable<string> wrong = SourceTree.Files("tests", "*.cs")
            .SelectMany(f => Lines(f, NeverDisposed()).Select(l => $"{SourceTree.Relative(f)}:{l}: write IAsyncLifetime"));
        Assert.Equal([], wrong);
    }

    private static IEnumerable<string> Sources() => SourceTree.Files("src", "*.cs").Concat(SourceTree.Files("plugins", "*.cs"));

    private static IEnumerable<string> Lines(string file, Regex pattern)
    {
        string[] lines = File.ReadAllLines(file);
        for (int i = 0; i < lines.Length; i++)
        {
            if (pattern.IsMatch(lines[i]) && !lines[i].TrimStart().StartsWith("//", StringComparison.Ordinal))
            {
                yield return $"{i + 1}: {lines[i].Trim()}";
            }
        }
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bDateTime\.Today\b|\bEnvironment\.TickCount(64)?\b|\bStopwatch\.(GetTimestamp|StartNew)\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\.GetAwaiter\(\)\.GetResult\(\)|\.Wait\(\)")]
    private static partial Regex Blocking();

    [GeneratedRegex(@"\bclass \w+Tests\b.*\bIAsyncDisposable\b")]
    private static partial Regex NeverDisposed();

    [GeneratedRegex(@"(?m)^namespace ([\w.]+);")]
    private static partial Regex Namespace();
}
