using FsCheck;
using FsCheck.Fluent;
using MiniDns.Configuration;

namespace MiniDns.Core.Tests.Configuration;

public sealed class CorefileFormatterTests
{
    /// <summary>Everything that means something to the language, and what may stand between.</summary>
    private static readonly string[] Pieces =
    [
        "a", "log", "cache 30", "{", "}", " {\n", "\n}\n", "import x", "(s)", "\"", "\"a b\"", "\"a\n  b\"", "\\", "\\\"", "#", " # note \n", "#x", ",",
        "{args.0}", "\n", "\n\n\n", "\r\n", "\r", " ", "\t", "\v", "\uFEFF", "\u0085", "\u2028", "\u00E9", "\U0001F600", "\uD800", "\0",
    ];

    [Theory]
    [InlineData("", "")]
    [InlineData("  \n\n", "")]
    [InlineData(".   {\nwhoami\n}", ". {\n    whoami\n}\n")]
    [InlineData(". {\n\thosts   /etc/hosts {\n\t\tfallthrough\n\t}\n}\n", ". {\n    hosts /etc/hosts {\n        fallthrough\n    }\n}\n")]
    [InlineData("# one\n\n\n\n# two\n.{\n}\n", "# one\n\n# two\n.{\n}\n")]
    [InlineData(". {\n\n  log   # every query\n  # why\n\n}\n", ". {\n    log # every query\n    # why\n}\n")]
    [InlineData(". { whoami }\r\n", ". { whoami }\n")]
    [InlineData("a,\n  b {\n  log\n}\n", "a,\nb {\n    log\n}\n")]
    [InlineData(". {\nlog . \"a\n   b\"   x\n}\n", ". {\n    log . \"a\n   b\" x\n}\n")]
    [InlineData(". {\nlog \"{\"\nerrors\n}\n", ". {\n    log \"{\"\n    errors\n}\n")]
    [InlineData(".\nlog\nerrors\n", ".\nlog\nerrors\n")]
    [InlineData("}\n}\nlog\n", "}\n}\nlog\n")]
    public void Text_is_laid_out(string text, string expected)
    {
        var diagnostics = new ConfigDiagnostics();
        Assert.Equal(expected, CorefileFormatter.Format("Corefile", text, diagnostics));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void A_quote_that_is_never_closed_is_an_error()
    {
        var diagnostics = new ConfigDiagnostics();
        Assert.Null(CorefileFormatter.Format("Corefile", ". {\n  log \"x\n}\n", diagnostics));
        Assert.StartsWith("Corefile:2:7: error: this quote is never closed", diagnostics.Items.Single().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_meaning_stays_and_formatting_twice_changes_nothing() =>
        Prop.ForAll(Gen.Elements(Pieces).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            string? formatted = CorefileFormatter.Format("Corefile", text, new ConfigDiagnostics());
            if (formatted is null)
            {
                return;
            }

            Assert.Equal(Words(text), Words(formatted));
            Assert.Equal(Tree(text), Tree(formatted));
            Assert.Equal(formatted, CorefileFormatter.Format("Corefile", formatted, new ConfigDiagnostics()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithEndSize(60));

    private static IEnumerable<(string Text, bool IsQuoted, bool StartsLine)> Words(string text) =>
        CorefileLexer.Read("Corefile", text, new ConfigDiagnostics()).Select(w => (w.Text, w.IsQuoted, w.StartsLine));

    private static string Tree(string text)
    {
        CorefileDocument document = CorefileParser.Parse("/nowhere/Corefile", text, new ConfigDiagnostics(), _ => null);
        return Corefiles.Show(document);
    }
}
