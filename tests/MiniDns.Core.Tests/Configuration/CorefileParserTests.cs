using MiniDns.Configuration;

namespace MiniDns.Core.Tests.Configuration;

public sealed class CorefileParserTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("# nothing\n\n", "")]
    [InlineData("localhost", "localhost { }")]
    [InlineData("localhost\n  dir1", "localhost { dir1 }")]
    [InlineData("localhost:1234\n  dir1 foo bar", "localhost:1234 { dir1 foo bar }")]
    [InlineData("localhost {\n  dir1\n}", "localhost { dir1 }")]
    [InlineData("localhost:1234 {\n dir1 foo bar\n dir2\n}", "localhost:1234 { dir1 foo bar; dir2 }")]
    [InlineData("a b\n  dir1 foo bar", "a b { dir1 foo bar }")]
    [InlineData("a b {\n  dir1 foo bar\n}", "a b { dir1 foo bar }")]
    [InlineData("a, b {\n  dir1 foo bar\n}", "a b { dir1 foo bar }")]
    [InlineData("a, b\n  dir1 foo bar\n  dir2 baz", "a b { dir1 foo bar; dir2 baz }")]
    [InlineData("a,\n  b,\n c", "a b c { }")]
    [InlineData("a,\n  b {\n x\n}", "a b { x }")]
    [InlineData("a, b\n dir1 foo {\n  bar baz\n }\n dir2", "a b { dir1 foo { bar baz }; dir2 }")]
    [InlineData("127.0.0.1\n dir1 {\n bar baz\n }\n dir2 {\n foo bar\n }", "127.0.0.1 { dir1 { bar baz }; dir2 { foo bar } }")]
    [InlineData("localhost\n dir1 {\n }", "localhost { dir1 { } }")]
    [InlineData("localhost\n dir1 {\n nested {\n foo\n }\n }\n dir2 foo bar", "localhost { dir1 { nested { foo } }; dir2 foo bar }")]
    [InlineData("a {\n}\nb {\n}", "a { }\nb { }")]
    [InlineData("a {\n} b {\n}", "a { }\nb { }")]
    [InlineData("a\n{\n x\n}", "a { x }")]
    [InlineData("a { x\n}", "a { x }")]
    [InlineData("a { x }", "a { x }")]
    [InlineData("a { x { y z } }", "a { x { y z } }")]
    [InlineData("host {\n foo \"bar baz\"\n}", "host { foo <bar baz> }")]
    [InlineData("host {\n foo \"bar\nbaz\" more\n x\n}", "host { foo <bar\nbaz> more; x }")]
    [InlineData("host {\n dir 1 4.56 true\n dir c d\n}", "host { dir 1 4.56 true; dir c d }")]
    [InlineData("host {\n log . {combined}\n}", "host { log . {combined} }")]
    [InlineData("host {\n x \"{\" \"}\"\n \"import\" y\n}", "host { x { }; import y }")]
    [InlineData("host {\n x \"\"\n}", "host { x <> }")]
    [InlineData("host {\r\n x y\r\n}\r\n", "host { x y }")]
    public void Builds_the_tree(string text, string expected) => Assert.Equal(expected, Corefiles.Show(Corefiles.ParseClean(text)));

    [Fact]
    public void What_would_command_a_terminal_is_not_repeated()
    {
        ConfigDiagnostics diagnostics = new();
        diagnostics.Error(new SourceSpan("Corefile", 1, 1, 0), "unknown directive '\u001b[2J\u0007\u009b\n'");
        Assert.Equal("unknown directive '?[2J???'", diagnostics.Items.Single().Message);
    }

    [Fact]
    public void A_quoted_comma_does_not_continue_the_keys()
    {
        CorefileDocument document = Corefiles.ParseClean("\"a,\"\nb");

        Assert.Equal("a, { b }", Corefiles.Show(document));
        Assert.True(document.Blocks[0].Keys[0].IsQuoted);
    }

    [Fact]
    public void Tokens_keep_their_place()
    {
        CorefileDocument document = Corefiles.ParseClean("a,  b {\n\tcache 30 {\n\t\tsuccess \"x y\"\n\t}\n}");

        ServerBlockNode block = document.Blocks.Single();
        Directive cache = block.Directives.Single();
        Assert.Equal(new SourceSpan("Corefile", 1, 1, 1), block.Keys[0].Span);
        Assert.Equal(new SourceSpan("Corefile", 1, 5, 1), block.Keys[1].Span);
        Assert.Equal(new SourceSpan("Corefile", 2, 2, 5), cache.Span);
        Assert.Equal(new SourceSpan("Corefile", 2, 8, 2), cache.Arguments[0].Span);
        Assert.Equal(new SourceSpan("Corefile", 3, 11, 5), cache.Body[0].Arguments[0].Span);
        Assert.Equal(["Corefile"], document.Files);
        Assert.Equal("Corefile", document.Path);
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("{\n x\n}", "")]
    [InlineData("{$NONE} {\n x\n}", "")]
    [InlineData("\"\" a {\n x\n}", "a { x }")]
    [InlineData("a\n x\n}\nb {\n y\n}", "a { x }\nb { y }")]
    [InlineData("a,b {\n x\n}", "a,b { x }")]
    [InlineData("a{\n x\n}", "a{ { x }")]
    [InlineData("a {}\n x", "a {} { x }")]
    [InlineData("a {\n x\n {\n y\n }\n}", "a { x { y } }")]
    public void What_CoreDNS_accepts_but_is_doubtful_is_a_warning(string text, string expected)
    {
        CorefileDocument document = Corefiles.Parse(text, out ConfigDiagnostics diagnostics);

        Assert.Equal(expected, Corefiles.Show(document));
        Assert.False(diagnostics.HasErrors);
        Assert.NotEmpty(diagnostics.Items);
    }

    [Theory]
    [InlineData("{$ADDRESS}", "servername.com { }")]
    [InlineData("di{$PART}", "dir1 { }")]
    [InlineData("{$ADDRESS}:{$PORT}", "servername.com:8080 { }")]
    [InlineData("{%ADDRESS%}:{$PORT}", "servername.com:8080 { }")]
    [InlineData("{$ADDRESS}:{%PORT%}", "servername.com:8080 { }")]
    [InlineData(":{%PORT%}\ndir1 {$FOOBAR}", ":8080 { dir1 foobar }")]
    [InlineData(":1234\ndir1 {%ADDRESS%}/{%FOOBAR%}", ":1234 { dir1 servername.com/foobar }")]
    [InlineData(":1234\ndir1 {%ADDRESS}", ":1234 { dir1 {%ADDRESS} }")]
    [InlineData(":{$PORT$}", ": { }")]
    [InlineData(":1234\ndir1 \"Test {$FOOBAR} test\"", ":1234 { dir1 <Test foobar test> }")]
    [InlineData(":1234\nanswer \"{{ .Name }} {$FOOBAR}\"", ":1234 { answer <{{ .Name }} foobar> }")]
    [InlineData(".\n{$FOOBAR} {$SPACES} {$NONE} {$EMPTY}", ". { foobar <a b> <> <> }")]
    [InlineData(".\nx {$NONE:5s} {%NONE:5s%} {$FOOBAR:5s} {$EMPTY:5s} {$NONE:}", ". { x 5s 5s foobar <> <> }")]
    [InlineData(".\nx {$} {%} {$ {$X", ". { x {$} {%} {$ {$X }")]
    [InlineData(".\nx {$NESTED}", ". { x foobar }")]
    [InlineData("{$COMMA}\nb", "a b { }")]
    public void Environment_variables_are_replaced(string text, string expected)
    {
        CorefileDocument document = Corefiles.Parse(
            text,
            out ConfigDiagnostics diagnostics,
            "Corefile",
            ("PORT", "8080"),
            ("ADDRESS", "servername.com"),
            ("FOOBAR", "foobar"),
            ("PART", "r1"),
            ("SPACES", "a b"),
            ("EMPTY", ""),
            ("COMMA", "a,"),
            ("NESTED", "{$FOOBAR}"));
        Assert.Equal(expected, Corefiles.Show(document));
        Assert.All(diagnostics.Items, i => Assert.Contains("is not set", i.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_variable_that_is_not_set_is_a_warning_unless_it_has_a_default()
    {
        Corefiles.Parse(".\nx {$NONE} {$NONE:5s} {$EMPTY} a{%OTHER%}{%OTHER%}", out ConfigDiagnostics diagnostics, "Corefile", ("EMPTY", ""));
        Assert.Equal(
            [
                "Corefile:2:3: warning: the environment variable 'NONE' is not set, so nothing stands in its place; '{$NONE:VALUE}' gives a value for then",
                "Corefile:2:31: warning: the environment variable 'OTHER' is not set, so nothing stands in its place; '{$OTHER:VALUE}' gives a value for then",
            ],
            diagnostics.Items.Select(i => i.ToString()));
    }

    [Fact]
    public void A_variable_that_names_itself_is_an_error()
    {
        Corefiles.Parse(".\nx {$LOOP} {$GROW}", out ConfigDiagnostics diagnostics, "Corefile", ("LOOP", "{$LOOP}"), ("GROW", "{$GROW}{$GROW}"));

        Assert.Equal(2, Corefiles.Errors(diagnostics).Length);
        Assert.Contains("Corefile:2:3: error: the environment variable 'LOOP' refers to itself", Corefiles.Errors(diagnostics)[0], StringComparison.Ordinal);
    }

    /// <summary>The place of each error and the words that matter.</summary>
    [Theory]
    [InlineData("a, {\n}", "1:1 after the comma")]
    [InlineData("a, b,", "1:4 after the comma")]
    [InlineData("a , b {\n}", "1:3 before the comma")]
    [InlineData("a\n dir1 {\n  foo", "2:7 never closed")]
    [InlineData("a\n dir1 {\n } }", "3:4 unexpected '}'")]
    [InlineData("a {\n x\n", "1:3 never closed")]
    [InlineData("a {\n x {\n y\n", "2:4 never closed|1:3 never closed")]
    [InlineData("a {\n}\n}", "3:1 unexpected '}'")]
    [InlineData("}\na {\n}\n}\nb {\n}", "1:1 unexpected '}'|4:1 unexpected '}'")]
    [InlineData("a }\n x", "1:3 unexpected '}'")]
    [InlineData("a {\n { x\n y }\n z\n}", "2:2 unexpected '{'")]
    [InlineData("a {\n x {\n } y\n}", "3:4 a new line is expected after '}'")]
    [InlineData("(s)\n x\n y", "1:1 needs its lines in braces")]
    [InlineData("(s)", "1:1 needs its lines in braces")]
    [InlineData("(s) {\n x {\n}\n", "1:5 never closed")]
    [InlineData("(s) {\n}\n(s) {\n}", "3:1 defined already at Corefile:1:1")]
    [InlineData("import", "1:1 import needs the name")]
    [InlineData("a {\n import\n import \"\"\n import {$NONE}\n}", "2:2 import needs the name|3:9 the name is empty|4:9 the name is empty")]
    [InlineData("a {\n import x {\n y\n }\n}", "2:11 import takes no block|2:9 no file 'x'")]
    [InlineData("import }{$\"", "1:8 no file '}{$\"'")]
    [InlineData("import /*/*.txt", "1:8 one '*'")]
    [InlineData("import /???/?*?o", "1:8 one '*'")]
    [InlineData("import /??", "1:8 one '*'")]
    [InlineData("import /[a-z]", "1:8 one '*'")]
    [InlineData("import {$}", "1:8 no file '{$}'")]
    [InlineData("import {%}", "1:8 no file '{%}'")]
    [InlineData("import {$$}", "1:8 the name is empty")]
    [InlineData("import {%%}", "1:8 no file '{%%}'")]
    [InlineData("import /\0", "1:8 NUL")]
    public void Errors_name_place_and_remedy(string text, string expected)
    {
        Corefiles.Parse(text, out ConfigDiagnostics diagnostics);

        AssertErrors(expected, diagnostics);
    }

    [Fact]
    public void One_run_shows_all_errors_and_keeps_what_is_right()
    {
        CorefileDocument document = Corefiles.Parse("a {\n import nothing\n x\n}\n}\nb {\n { q }\n y { z\n } w\n}\nc {", out ConfigDiagnostics diagnostics);

        AssertErrors("2:9 no file 'nothing'|5:1 unexpected '}'|7:2 unexpected '{'|9:4 a new line|11:3 never closed", diagnostics);
        Assert.Equal("a { x }\nb { y { z }; w }\nc { }", Corefiles.Show(document));
    }

    [Fact]
    public void An_unclosed_block_hints_at_the_brace_indented_otherwise()
    {
        Corefiles.Parse("a {\n  cache {\n    success 10\n}\n\nb {\n  whoami\n}\n", out ConfigDiagnostics diagnostics);

        Assert.Equal(
            ["Corefile:1:3: error: this '{' is never closed: '}' is expected before the end of the file; the '}' at line 4 closes line 2 but is not indented like it: one may be missing before it"],
            Corefiles.Errors(diagnostics));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        string text = "a {\n" + string.Concat(Enumerable.Repeat("x {\n", 100_000)) + string.Concat(Enumerable.Repeat("}\n", 100_000)) + "}\nb";

        CorefileDocument document = Corefiles.Parse(text, out ConfigDiagnostics diagnostics);

        Assert.Contains("nested more than 64 deep", Corefiles.Errors(diagnostics).Single(), StringComparison.Ordinal);
        Assert.Equal(2, document.Blocks.Count);
    }

    internal static void AssertErrors(string expected, ConfigDiagnostics diagnostics)
    {
        string[] errors = Corefiles.Errors(diagnostics);
        string[] parts = expected.Split('|');
        Assert.True(parts.Length == errors.Length, string.Join('\n', errors));
        foreach ((string part, string error) in parts.Zip(errors))
        {
            string place = part[..part.IndexOf(' ', StringComparison.Ordinal)];
            Assert.Contains($":{place}: error: ", error, StringComparison.Ordinal);
            Assert.Contains(part[(place.Length + 1)..], error, StringComparison.Ordinal);
        }
    }
}
