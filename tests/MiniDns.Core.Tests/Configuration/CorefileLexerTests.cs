using MiniDns.Configuration;

namespace MiniDns.Core.Tests.Configuration;

public sealed class CorefileLexerTests
{
    /// <summary>Each word as <c>line:column:length text</c>, <c>^</c> before those that begin a line.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData(" \t\r\n \n", "")]
    [InlineData("host:123", "^1:1:8 host:123")]
    [InlineData("host:123\n\n\t\tdirective", "^1:1:8 host:123|^3:3:9 directive")]
    [InlineData("host:123 {\n  directive\n}", "^1:1:8 host:123|1:10:1 {|^2:3:9 directive|^3:1:1 }")]
    [InlineData("host:123 { directive }", "^1:1:8 host:123|1:10:1 {|1:12:9 directive|1:22:1 }")]
    [InlineData("a {\n  #comment\n  b\n # c\n  d # e\n}", "^1:1:1 a|1:3:1 {|^3:3:1 b|^5:3:1 d|^6:1:1 }")]
    [InlineData("a \"quoted value\" b\nfoobar", "^1:1:1 a|1:3:14 quoted value|1:18:1 b|^2:1:6 foobar")]
    [InlineData("A \"quoted \\\"value\\\" inside\" B", "^1:1:1 A|1:3:25 quoted \"value\" inside|1:29:1 B")]
    [InlineData("\"don't\\escape\"", "^1:1:14 don't\\escape")]
    [InlineData("\"don't\\\\escape\"", "^1:1:15 don't\\\\escape")]
    [InlineData("\"ends with \\\\\" b", "^1:1:14 ends with \\\\|1:16:1 b")]
    [InlineData("\"\\\"\" b", "^1:1:4 \"|1:6:1 b")]
    [InlineData("A \"with line\n  break\" {\n  foobar\n}", "^1:1:1 A|1:3:19 with line\n  break|2:10:1 {|^3:3:6 foobar|^4:1:1 }")]
    [InlineData("\"escaped\\\nbreak\" b\nc", "^1:1:16 escaped\\\nbreak|2:8:1 b|^3:1:1 c")]
    [InlineData("\"C:\\php\\php-cgi.exe\"", "^1:1:20 C:\\php\\php-cgi.exe")]
    [InlineData("empty \"\" string", "^1:1:5 empty|1:7:2 |1:10:6 string")]
    [InlineData("skip those\r\nCR characters", "^1:1:4 skip|1:6:5 those|^2:1:2 CR|2:4:10 characters")]
    [InlineData("a\rb c\r", "^1:1:2 ab|1:5:1 c")]
    [InlineData("\"keeps\r\" b", "^1:1:8 keeps\r|1:10:1 b")]
    [InlineData("\uFEFF:8080", "^1:1:5 :8080")]
    [InlineData("a\"b c\"", "^1:1:3 a\"b|1:5:2 c\"")]
    [InlineData("\"a\"b", "^1:1:3 a|1:4:1 b")]
    [InlineData("{} {x} }{", "^1:1:2 {}|1:4:3 {x}|1:8:2 }{")]
    [InlineData("\U0001F600 b", "^1:1:1 \U0001F600|1:3:1 b")]
    [InlineData("a\u00A0b\u2003c", "^1:1:1 a|1:3:1 b|1:5:1 c")]
    [InlineData("a \\\nb", "^1:1:1 a|1:3:1 \\|^2:1:1 b")]
    public void Divides_text_into_words(string text, string expected)
    {
        ConfigDiagnostics diagnostics = new();

        CorefileWord[] words = CorefileLexer.Read("f", text, diagnostics);

        Assert.Equal(expected, string.Join('|', words.Select(w => $"{(w.StartsLine ? "^" : "")}{w.Line}:{w.Column}:{w.Length} {w.Text}")));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void A_comment_inside_a_word_ends_at_white_space_as_in_CoreDNS()
    {
        ConfigDiagnostics diagnostics = new();

        CorefileWord[] words = CorefileLexer.Read("f", "cache 30#sec onds # x\nlog", diagnostics);

        Assert.Equal(["cache", "30", "onds", "log"], words.Select(w => w.Text));
        Assert.Equal((DiagnosticSeverity.Warning, 1, 9), (diagnostics.Items.Single().Severity, diagnostics.Items[0].Span.Line, diagnostics.Items[0].Span.Column));
    }

    [Theory]
    [InlineData("a\n  b \"c d\n", "f:2:5: error: this quote is never closed", "c d\n")]
    [InlineData("\"", "f:1:1: error: this quote is never closed", "")]
    [InlineData("\"a\\", "f:1:1: error: this quote is never closed", "a\\")]
    [InlineData("\"a\\\"", "f:1:1: error: this quote is never closed", "a\"")]
    public void An_unclosed_quote_names_its_place(string text, string expected, string word)
    {
        ConfigDiagnostics diagnostics = new();

        CorefileWord[] words = CorefileLexer.Read("f", text, diagnostics);

        Assert.StartsWith(expected, diagnostics.Items.Single().ToString(), StringComparison.Ordinal);
        Assert.Equal(word, words[^1].Text);
    }

    [Fact]
    public void A_quoted_brace_is_a_word()
    {
        CorefileWord[] words = CorefileLexer.Read("f", "{ \"{\" } \"}\" import \"import\"", new ConfigDiagnostics());

        Assert.Equal([true, false, false, false, false, false], words.Select(w => w.IsOpeningBrace));
        Assert.Equal([false, false, true, false, false, false], words.Select(w => w.IsClosingBrace));
        Assert.Equal([false, false, false, false, true, false], words.Select(w => w.IsImport));
    }
}
