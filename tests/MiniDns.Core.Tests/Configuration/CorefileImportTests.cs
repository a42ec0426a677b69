using MiniDns.Configuration;

namespace MiniDns.Core.Tests.Configuration;

public sealed class CorefileImportTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-corefile-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("(s) {\n log\n errors\n}\na {\n import s\n whoami\n}", "a { log; errors; whoami }")]
    [InlineData("(s) { log }\na {\n whoami\n import s\n}", "a { whoami; log }")]
    [InlineData("(s) {\n log\n}\na\nimport s", "a { log }")]
    [InlineData("(s) {\n}\na {\n import s\n}", "a { }")]
    [InlineData("(s) {\n b {\n whoami\n }\n}\nimport s\nimport s", "b { whoami }\nb { whoami }")]
    [InlineData("(s) {\n b, c\n}\nimport s\n{\n x\n}", "b c { x }")]
    [InlineData("(s) {\n b\n}\na,\nimport s\n{\n x\n}", "a b { x }")]
    [InlineData("(s) {\n max_fails 1\n}\na {\n forward . 1.1.1.1 {\n  expire 5s\n  import s\n  tls\n }\n}", "a { forward . 1.1.1.1 { expire 5s; max_fails 1; tls } }")]
    [InlineData("(s) {\n x\n}\n(t) {\n import s\n y\n}\na {\n d {\n  z\n  import t\n }\n import t\n}", "a { d { z; x; y }; x; y }")]
    [InlineData("(s) {\n x {\n  y\n }\n}\na {\n import s\n}", "a { x { y } }")]
    [InlineData("(s) {\n x {$E}\n}\na {\n import {$N}\n}", "a { x value }")]
    [InlineData("(s) {\n cache {args.0} {\n success {args[1]}\n }\n}\na {\n import s 30 \"1 2\"\n}", "a { cache 30 { success <1 2> } }")]
    [InlineData("(s) {\n {args[0]} x{args.0}y{args.1}\n}\na {\n import s p {$E}\n}", "a { p xpyvalue }")]
    [InlineData("(t) {\n y {args.0}\n}\n(s) {\n import t {args.1}\n x {args.0}\n}\na {\n import s 1 2\n}", "a { y 2; x 1 }")]
    [InlineData("(s) {\n x {args.} {args.-1} {args[} {args.1234} {argsx}\n}\na {\n import s\n}", "a { x {args.} {args.-1} {args[} {args.1234} {argsx} }")]
    public void Snippets_stand_for_their_lines(string text, string expected) =>
        Assert.Equal(expected, Corefiles.Show(Corefiles.ParseClean(text, ("N", "s"), ("E", "value"))));

    [Fact]
    public void A_snippets_tokens_keep_the_snippets_place()
    {
        CorefileDocument document = Corefiles.ParseClean("(s) {\n  log .\n}\na {\n import s\n}");

        Assert.Equal(new SourceSpan("Corefile", 2, 7, 1), document.Blocks.Single().Directives.Single().Arguments.Single().Span);
    }

    [Theory]
    [InlineData("(loop) {\n import loop\n}\nimport loop", "2:9 import cycle: snippet 'loop' -> snippet 'loop' (imported at Corefile:4:1)")]
    [InlineData("(loop) {\n { }\n import loop\n}\na {\n import loop\n}", "2:2 unexpected '{'|3:9 import cycle")]
    [InlineData("(a) {\n import b\n}\n(b) {\n import a\n}\nx {\n import a\n}", "5:9 snippet 'a' -> snippet 'b' -> snippet 'a'")]
    [InlineData("(common) {\n}\na {\n import commn\n import other\n}", "4:9 did you mean 'common'?|5:9 known are: common")]
    [InlineData("a {\n import s\n}\n(s) {\n}", "2:9 the snippet (s) must stand before its first import")]
    [InlineData("(s) {\n x {args.1}\n}\na {\n import s 1\n import s 1 2 3\n}", "5:11 uses 2 argument(s), but 1 are given|6:15 uses 2 argument(s), but 3 are given")]
    [InlineData("(s) {\n x\n}\na {\n import s 1\n}", "5:11 uses 0 argument(s), but 1 are given")]
    public void Errors_of_snippets(string text, string expected)
    {
        Corefiles.Parse(text, out ConfigDiagnostics diagnostics);

        CorefileParserTests.AssertErrors(expected, diagnostics);
    }

    [Fact]
    public void A_snippet_without_its_arguments_stays_as_written_with_a_warning()
    {
        CorefileDocument document = Corefiles.Parse("(s) {\n x {args.0}\n}\na {\n import s\n}", out ConfigDiagnostics diagnostics);

        Assert.Equal("a { x {args.0} }", Corefiles.Show(document));
        Assert.Equal(DiagnosticSeverity.Warning, diagnostics.Items.Single().Severity);
    }

    [Fact]
    public void Files_are_sought_next_to_the_file_that_imports_them()
    {
        Write("conf/common.conf", "\uFEFFlog\r\nimport deeper/more.conf\r\n");
        Write("conf/deeper/more.conf", "errors {\n  x\n}");
        string path = Write("Corefile", "a {\n  import conf/common.conf\n  whoami\n}\n");

        CorefileDocument document = ParseFile(path, out ConfigDiagnostics diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal("a { log; errors { x }; whoami }", Corefiles.Show(document));
        Assert.Equal(["Corefile", "conf/common.conf", "conf/deeper/more.conf"], document.Files.Select(Relative));
        SourceSpan span = document.Blocks[0].Directives[1].Body[0].Span;
        Assert.Equal(("conf/deeper/more.conf", 2, 3), (Relative(span.File), span.Line, span.Column));
    }

    [Fact]
    public void Blocks_and_snippets_come_from_files_too()
    {
        Write("snippets", "(s) {\n log\n}\n");
        Write("host", "host1 {\n dir1\n dir2 arg\n}");
        string path = Write("Corefile", $"import {_directory}/snippets\nimport host\na {{\n import s\n}}\n");

        CorefileDocument document = ParseFile(path, out ConfigDiagnostics diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal("host1 { dir1; dir2 arg }\na { log }", Corefiles.Show(document));
    }

    [Fact]
    public void A_pattern_stands_for_its_files_in_order()
    {
        Write("z/b.conf", "b0 {\n}\nb1 {\n}");
        Write("z/a.conf", "a0 {\n import ../s.txt\n}");
        Write("z/.hidden.conf", "hidden {\n}");
        Write("z/c.other", "c0 {\n}");
        Write("y/d.conf", "d0 {\n}");
        Write("s.txt", "log");

        Assert.Equal("hidden { }\na0 { log }\nb0 { }\nb1 { }", Import("z/*.conf"));
        Assert.Equal("a0 { log }\nb0 { }\nb1 { }", Import("z/?.conf"));
        Assert.Equal("d0 { }\na0 { log }\nb0 { }\nb1 { }", Import("*/?.conf"));
        Assert.Equal("c0 { }", Import($"{_directory}/z/*.other"));

        string Import(string pattern)
        {
            CorefileDocument document = ParseFile(Write("Corefile", $"import {pattern}"), out ConfigDiagnostics diagnostics);
            Assert.Empty(diagnostics.Items);
            return Corefiles.Show(document);
        }
    }

    [Fact]
    public void A_pattern_without_files_is_a_warning()
    {
        CorefileDocument document = ParseFile(Write("Corefile", "import none/*\na {\n}"), out ConfigDiagnostics diagnostics);

        Assert.Equal("a { }", Corefiles.Show(document));
        Assert.Equal(DiagnosticSeverity.Warning, diagnostics.Items.Single().Severity);
    }

    [Fact]
    public void A_file_may_be_imported_again_and_siblings_may_import_each_other()
    {
        Write("z/a.conf", "x\nimport b.conf");
        Write("z/b.conf", "y");
        string path = Write("Corefile", "a {\n import z/*.conf\n}\nb {\n import z/b.conf\n}");

        CorefileDocument document = ParseFile(path, out ConfigDiagnostics diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal("a { x; y; y }\nb { y }", Corefiles.Show(document));
        Assert.Equal(["Corefile", "z/a.conf", "z/b.conf"], document.Files.Select(Relative));
    }

    [Fact]
    public void A_block_may_close_in_another_file()
    {
        Write("open", "cache {\n success 1");
        string path = Write("Corefile", "a {\n import open\n denial 2\n }\n}");

        CorefileDocument document = ParseFile(path, out ConfigDiagnostics diagnostics);

        Assert.Empty(diagnostics.Items);
        Assert.Equal("a { cache { success 1; denial 2 } }", Corefiles.Show(document));
    }

    [Fact]
    public void Cycles_of_files_show_their_chain_and_end()
    {
        Write("b", "import c\nx");
        Write("c", "import Corefile\nimport b\ny");
        string path = Write("Corefile", "import b\n");

        CorefileDocument document = ParseFile(path, out ConfigDiagnostics diagnostics);

        Assert.Equal(
            [
                "c:1:8: error: import cycle: file 'Corefile' -> file 'b' -> file 'c' -> file 'Corefile' (imported at b:1:1)",
                "c:2:8: error: import cycle: file 'b' -> file 'c' -> file 'b' (imported at b:1:1)",
            ],
            Corefiles.Errors(diagnostics).Select(e => e.Replace(_directory + "/", "", StringComparison.Ordinal)));
        Assert.Equal("y { x }", Corefiles.Show(document));
    }

    [Fact]
    public void What_is_no_file_is_an_error()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "dir"));
        string path = Write("Corefile", "import dir\nimport none/file\na {\n import dir extra\n}");
        Write("one", "x");

        ParseFile(path, out ConfigDiagnostics diagnostics);

        CorefileParserTests.AssertErrors("1:8 is a directory|2:8 no file|4:9 is a directory", diagnostics);

        ParseFile(Write("Corefile", "a {\n import one extra\n}"), out diagnostics);

        CorefileParserTests.AssertErrors("2:13 only snippets take arguments", diagnostics);
    }

    [Fact]
    public void An_error_in_an_imported_file_names_it_once_and_the_import()
    {
        Write("bad", "x {\n y\n } z\n\"open");
        string path = Write("Corefile", "a {\n import bad\n}\nb {\n import bad\n}");

        ParseFile(path, out ConfigDiagnostics diagnostics);

        string[] errors = [.. Corefiles.Errors(diagnostics).Select(e => e.Replace(_directory + "/", "", StringComparison.Ordinal))];
        Assert.Equal(
            [
                "bad:4:1: error: this quote is never closed; '\"' is expected before the end of the file",
                "bad:3:4: error: a new line is expected after '}', not 'z' (imported at Corefile:2:2)",
                "bad:3:4: error: a new line is expected after '}', not 'z' (imported at Corefile:5:2)",
            ],
            errors);
    }

    [Fact]
    public void Snippets_that_multiply_are_bounded()
    {
        System.Text.StringBuilder text = new("(s0) {\n x\n}\n");
        for (int i = 1; i < 40; i++)
        {
            text.Append($"(s{i}) {{\n import s{i - 1}\n import s{i - 1}\n}}\n");
        }

        text.Append("a {\n import s39\n}\n");

        Corefiles.Parse(text.ToString(), out ConfigDiagnostics diagnostics);

        Assert.Contains("more than", Corefiles.Errors(diagnostics).Single(), StringComparison.Ordinal);
    }

    private static CorefileDocument ParseFile(string path, out ConfigDiagnostics diagnostics) =>
        Corefiles.Parse(File.ReadAllText(path), out diagnostics, path);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private string Relative(string path) => Path.GetRelativePath(_directory, path);
}
