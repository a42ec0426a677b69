using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Configuration;

namespace MiniDns.Core.Tests.Configuration;

public sealed class CorefilePropertyTests
{
    /// <summary>Words with everything that means something to the language.</summary>
    private static readonly string[] Pieces =
        ["a", "log", "{", "}", "import", "(s)", "(", ")", "s", "\"", "\\", "\\\"", "#", ",", "{$E}", "{%E%}", "{$", "{args.0}", "\n", "\r\n", " ", "\t", "\uFEFF", "\u00E9", "\U0001F600", "\uD800", "\0", "*", "?", "[", "]", "/", "."];

    private static readonly Gen<string> WordGen = Gen.OneOf(
        Gen.Elements("a", "cache", "10.0.0.0/8", "{", "}", "{}", "import", "(s)", "x,", ",", "#", "", " ", "a b", "a\nb", "say \"hi\"", "\\", "\\\\x", "\u00E9", "{combined}", "C:\\dir"),
        Gen.Elements('a', 'b', '{', '}', '"', '#', ' ', '\n', ',', 'x', '(', ')', '\t', '\r').ArrayOf().Select(c => new string(c)));

    [Fact]
    public void A_printed_tree_reads_back_as_it_was() =>
        Prop.ForAll(BlocksGen().ToArbitrary(), blocks =>
        {
            string text = Print(blocks);
            ConfigDiagnostics diagnostics = new();
            CorefileDocument document = CorefileParser.Parse("f", text, diagnostics, _ => null);

            Assert.DoesNotContain(diagnostics.Items, i => i.Severity == DiagnosticSeverity.Error);
            Assert.Equal(Shape(blocks), Shape(document.Blocks));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Any_text_ends_without_an_exception() =>
        Prop.ForAll(Gen.Elements(Pieces).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            ConfigDiagnostics diagnostics = new();
            CorefileDocument document = CorefileParser.Parse("/nowhere/Corefile", text, diagnostics, name => name == "E" ? "e {$E" : null);

            int lines = text.Count(c => c == '\n') + 1;
            Assert.All(diagnostics.Items, i => Assert.InRange(i.Span.Line, 1, lines));
            Assert.All(document.Blocks, b => Assert.NotEmpty(b.Keys));
            Assert.Single(document.Files);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithEndSize(60));

    [Fact]
    public void Any_word_reads_back_from_quotes() =>
        Prop.ForAll(WordGen.Where(CanQuote).ToArbitrary(), word =>
        {
            CorefileWord read = CorefileLexer.Read("f", Quote(word), new ConfigDiagnostics()).Single();
            Assert.Equal((word, true), (read.Text, read.IsQuoted));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Distance_is_a_measure() =>
        Prop.ForAll(WordGen.ToArbitrary(), WordGen.ToArbitrary(), (a, b) =>
        {
            int distance = NearNames.Distance(a, b);
            Assert.Equal(distance, NearNames.Distance(b, a));
            Assert.InRange(distance, Math.Abs(a.Length - b.Length), Math.Max(a.Length, b.Length));
            Assert.Equal(string.Equals(a, b, StringComparison.OrdinalIgnoreCase), distance == 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Durations_read_back() =>
        Prop.ForAll<long>(ticks =>
        {
            TimeSpan duration = TimeSpan.FromTicks(ticks % (TimeSpan.TicksPerDay * 10_000));
            Assert.True(DurationText.TryParse(DurationText.Format(duration), out TimeSpan read));
            Assert.Equal(duration, read);
        }).QuickCheckThrowOnFailure();

    /// <summary>A configuration of 100,000 blocks is read in one pass: the memory it takes grows with the blocks, not with their square.</summary>
    [Fact]
    public void A_large_file_is_read_in_linear_space()
    {
        long small = Allocated(10_000);
        long large = Allocated(100_000);

        Assert.InRange(large, small * 5, small * 15);

        static long Allocated(int count)
        {
            StringBuilder text = new("(common) {\n errors\n log . {\n  class denial\n }\n}\n");
            for (int i = 0; i < count; i++)
            {
                text.Append("zone").Append(i).Append(".example.org:53 {\n  import common\n  file \"db.").Append(i).Append("\" {\n    reload 30s\n  }\n}\n");
            }

            string corefile = text.ToString();
            long before = GC.GetAllocatedBytesForCurrentThread();
            CorefileDocument document = Corefiles.ParseClean(corefile);
            long after = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(count, document.Blocks.Count);
            Assert.All(document.Blocks, b => Assert.Equal(3, b.Directives.Count));
            Assert.Equal(7 + ((count - 1) * 6), document.Blocks[^1].Keys[0].Span.Line);
            return after - before;
        }
    }

    private static Gen<List<ServerBlockNode>> BlocksGen()
    {
        Gen<CorefileToken> word = WordGen.Where(CanQuote).Select(Token);
        Gen<CorefileToken> key = WordGen.Where(w => w.Length > 0 && CanQuote(w)).Select(Token);
        Gen<ServerBlockNode> block =
            from keys in key.NonEmptyListOf()
            from lines in Lines(word, 3)
            select new ServerBlockNode([.. keys], lines);
        return block.ListOf().Select(b => b.ToList());
    }

    private static Gen<List<Directive>> Lines(Gen<CorefileToken> word, int depth)
    {
        Gen<Directive> plain =
            from name in word
            from arguments in word.ListOf()
            select new Directive(name, [.. arguments], [], HasBody: false);
        if (depth == 0)
        {
            return plain.ListOf().Select(l => l.ToList());
        }

        Gen<Directive> braced =
            from name in word
            from arguments in word.ListOf()
            from body in Lines(word, depth - 1)
            select new Directive(name, [.. arguments], body, HasBody: true);
        return Gen.OneOf(plain, braced).ListOf().Resize(5).Select(l => l.ToList());
    }

    private static CorefileToken Token(string word) => new(word, default, NeedsQuotes(word));

    /// <summary>The language has no way to write a quote after a backslash, nor a backslash at the end.</summary>
    private static bool CanQuote(string word) => !word.Contains("\\\"", StringComparison.Ordinal) && !word.EndsWith('\\');

    private static bool NeedsQuotes(string word) =>
        word is "" or "{" or "}" or "import" || word.StartsWith('"') || word.StartsWith('(') || word.EndsWith(',') || word.Any(c => char.IsWhiteSpace(c) || c == '#');

    private static string Quote(string word) => $"\"{word.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Print(IReadOnlyList<ServerBlockNode> blocks)
    {
        StringBuilder text = new();
        foreach (ServerBlockNode block in blocks)
        {
            text.AppendJoin(' ', block.Keys.Select(Written)).Append(" {\n");
            PrintLines(block.Directives, text);
            text.Append("}\n");
        }

        return text.ToString();
    }

    private static void PrintLines(IReadOnlyList<Directive> lines, StringBuilder text)
    {
        foreach (Directive line in lines)
        {
            text.AppendJoin(' ', [Written(line.Name), .. line.Arguments.Select(Written)]);
            if (line.HasBody)
            {
                text.Append(" {\n");
                PrintLines(line.Body, text);
                text.Append('}');
            }

            text.Append('\n');
        }
    }

    private static string Written(CorefileToken token) => token.IsQuoted ? Quote(token.Text) : token.Text;

    private static string Shape(IReadOnlyList<ServerBlockNode> blocks) =>
        string.Concat(blocks.Select(b => $"[{string.Join(' ', b.Keys.Select(Quoted))} {Shape(b.Directives)}]"));

    private static string Shape(IReadOnlyList<Directive> lines) =>
        string.Concat(lines.Select(l => $"({Quoted(l.Name)} {string.Join(' ', l.Arguments.Select(Quoted))} {(l.HasBody ? "+" : "-")}{Shape(l.Body)})"));

    private static string Quoted(CorefileToken token) => $"{Quote(token.Text)}{(token.IsQuoted ? "q" : "p")}";
}
