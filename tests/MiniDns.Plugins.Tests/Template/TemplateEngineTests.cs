using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Template.Engine;

namespace MiniDns.Plugins.Tests.Template;

/// <summary>The template language by itself.</summary>
public sealed class TemplateEngineTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("a{{ .Text }}b", "atextb")]
    [InlineData("{{.Text}}{{.Number}}{{.Unsigned}}{{.True}}{{.Float}}", "text7255true1.5")]
    [InlineData("{{ \"q\\\"\\x41\\u00e4\\101\" }}{{ `r\\n` }}", "q\"AäAr\\n")]
    [InlineData("{{ 0x10 }} {{ 010 }} {{ 0b11 }} {{ 0o17 }} {{ 1_000 }} {{ -3 }} {{ 'a' }} {{ 1.50 }} {{ 1e3 }}", "16 8 3 15 1000 -3 97 1.5 1000")]
    [InlineData("{{ index .List 1 }}{{ index .Map \"a\" }}{{ index .Map \"none\" }}", "oneA")]
    [InlineData("{{ .Map.a }}/{{ .Map.none }}", "A/<no value>")]
    [InlineData("{{ len .Text }}{{ len .List }}{{ len .Map }}", "432")]
    [InlineData("{{ if .True }}y{{ else }}n{{ end }}{{ if .Empty }}y{{ else }}n{{ end }}", "yn")]
    [InlineData("{{ if .Empty }}1{{ else if .Zero }}2{{ else if .True }}3{{ else }}4{{ end }}", "3")]
    [InlineData("{{ range .List }}[{{ . }}]{{ end }}", "[zero][one][two]")]
    [InlineData("{{ range $i, $v := .List }}{{ $i }}={{ $v }},{{ end }}", "0=zero,1=one,2=two,")]
    [InlineData("{{ range $k, $v := .Map }}{{ $k }}={{ $v }},{{ end }}", "a=A,b=B,")]
    [InlineData("{{ range 3 }}{{ . }}{{ end }}", "012")]
    [InlineData("{{ range .List }}{{ if eq . \"one\" }}{{ continue }}{{ end }}{{ . }}{{ else }}none{{ end }}", "zerotwo")]
    [InlineData("{{ range .List }}{{ if eq . \"one\" }}{{ break }}{{ end }}{{ . }}{{ end }}{{ .Text }}", "zerotext")]
    [InlineData("{{ range .NoList }}x{{ else }}none{{ end }}", "none")]
    [InlineData("{{ with .Text }}{{ . }}{{ $.Number }}{{ end }}{{ with .Empty }}x{{ else }}e{{ end }}", "text7e")]
    [InlineData("{{ with $x := .Map }}{{ $x.a }}{{ .b }}{{ end }}", "AB")]
    [InlineData("{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}{{ if true }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}", "1232")]
    [InlineData("{{ .Text | printf \"%s-%s\" \"a\" | len }}", "6")]
    [InlineData("{{ (index .List 0) | len }}{{ (len .Text) }}", "44")]
    [InlineData("a {{- .Text -}} b", "atextb")]
    [InlineData("a {{- /* gone */ -}} b{{/* gone too */}}c", "abc")]
    [InlineData("{{ and .True .Text }}{{ or .Empty .Number }}{{ not .Zero }}{{ and 0 (index .List 99) }}", "text7true0")]
    [InlineData("{{ eq 1 2 1 }}{{ ne \"a\" \"b\" }}{{ lt 1 2 }}{{ le 2 2 }}{{ gt \"b\" \"a\" }}{{ ge 1 2 }}", "truetruetruetruetruefalse")]
    [InlineData("{{ eq .Number 7 }}{{ eq .Unsigned 255 }}{{ lt .Unsigned 256 }}{{ eq .Map.none \"\" }}", "truetruetruefalse")]
    [InlineData("{{ print 1 2 \"a\" \"b\" 3 nil }}", "1 2ab3 <nil>")]
    [InlineData("{{ parseInt \"ff\" 16 8 }} {{ parseInt \"0x1F\" 0 64 }} {{ parseInt \"0\" 10 0 }}", "255 31 0")]
    [InlineData("{{ slice .Text 1 3 }}{{ slice .List 1 }}", "ex[one two]")]
    [InlineData("{{ printf \"%03d|%-4s|%5s|%x|%X|%o|%b|%c|%q|%v|%t|%%\" 7 \"a\" \"b\" 255 255 8 5 65 \"q\" .List true }}", "007|a   |    b|ff|FF|10|101|A|\"q\"|[zero one two]|true|%")]
    [InlineData("{{ printf \"%+d %#x %.2s %6.2f %08.3f\" 5 255 \"abc\" 3.14159 -2.5 }}", "+5 0xff ab   3.14 -002.500")]
    [InlineData("{{ printf \"%d %s\" \"a\" }}", "%!d(string=a) %!s(MISSING)")]
    [InlineData("{{ printf \"x\" 1 \"b\" }}", "x%!(EXTRA int=1, string=b)")]
    [InlineData("{{ printf \"%\" }}", "%!(NOVERB)")]
    [InlineData("{{ .Call \"k\" }}{{ $.Call \"l\" }}{{ if (.Call \"m\") }}y{{ end }}", "<k><l>y")]
    public void Renders(string template, string expected) => Assert.Equal(expected, Render(template));

    [Theory]
    [InlineData("{{", 2, "never closed")]
    [InlineData("a{{ .Text ", 10, "never closed")]
    [InlineData("{{ }}", 3, "a value is expected before '}}'")]
    [InlineData("{{ nothing }}", 3, "there is no function 'nothing'")]
    [InlineData("{{ prnt 1 }}", 3, "did you mean 'print'?")]
    [InlineData("{{ $x }}", 3, "there is no variable '$x'")]
    [InlineData("{{ if .True }}a", 3, "this 'if' is never ended")]
    [InlineData("{{ range .List }}a{{ else }}b", 3, "this 'range' is never ended")]
    [InlineData("a{{ end }}", 10, "'end' has no 'if'")]
    [InlineData("{{ else }}", 8, "'else' has no 'if'")]
    [InlineData("{{ if 1 }}{{ else }}{{ else }}{{ end }}", 28, "a second 'else'")]
    [InlineData("{{ break }}", 3, "may stand only between 'range'")]
    [InlineData("{{ (len .Text }}", 3, "')' is expected")]
    [InlineData("{{ len .Text) }}", 12, "'}}' is expected, not ')'")]
    [InlineData("{{ \"abc }}", 3, "'\"' is expected")]
    [InlineData("{{ \"a\\z\" }}", 5, "an escape must be")]
    [InlineData("{{ 'ab' }}", 3, "one character is expected")]
    [InlineData("{{ 12x }}", 3, "'12x' is not a number")]
    [InlineData("{{ .Text .Text }}", 9, "only a function takes arguments")]
    [InlineData("{{ .Text | .Number }}", 11, "must be a function")]
    [InlineData("{{ print.Text }}", -1, "")]
    [InlineData("{{ .Text\"a\" }}", 8, "a space is expected")]
    [InlineData("{{ & }}", 3, "'&' has no meaning here")]
    [InlineData("{{ define \"a\" }}{{ end }}", 3, "'define' is not supported")]
    [InlineData("{{ .Call }}", 3, "'.Call' takes a name in quotes")]
    [InlineData("{{/* a }}", 0, "'*/}}' is expected")]
    public void Mistakes_have_a_place(string template, int offset, string message)
    {
        bool isRight = CompiledTemplate.TryParse(template, TestData.Schema, out _, out TemplateProblem? problem);
        Assert.Equal(offset < 0, isRight);
        if (problem is not null)
        {
            Assert.Contains(message, problem.Message, StringComparison.Ordinal);
            Assert.Equal(offset, problem.Offset);
        }
    }

    [Theory]
    [InlineData("{{ index .List 3 }}", "there is no element 3; there are 3")]
    [InlineData("{{ index .Text \"a\" }}", "there is no element by string")]
    [InlineData("{{ .Text.More }}", "has no fields: string")]
    [InlineData("{{ parseInt \"gg\" 16 8 }}", "'gg' is not a whole number in base 16")]
    [InlineData("{{ parseInt \"256\" 10 8 }}", "'256' is larger than 255")]
    [InlineData("{{ parseInt \"\" 10 8 }}", "'' is not a whole number")]
    [InlineData("{{ parseInt 5 10 8 }}", "must be text, not int")]
    [InlineData("{{ eq 1 \"a\" }}", "cannot be compared")]
    [InlineData("{{ lt true false }}", "cannot be ordered")]
    [InlineData("{{ range .Text }}{{ end }}", "'range' goes over a list")]
    [InlineData("{{ slice .Text 5 }}", "the places to slice at")]
    [InlineData("{{ range 1000000000 }}{{ end }}", "does not come to an end")]
    [InlineData("{{ range 1000 }}{{ printf \"%900d\" 1 }}{{ end }}", "longer than 65536 characters")]
    [InlineData("{{ $x := \"aaaaaaaaaa\" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}", "longer than 65536 characters")]
    [InlineData("{{ . }}", "cannot be printed")]
    public void Failures_end_a_rendering(string template, string message)
    {
        CompiledTemplate compiled = Parse(template);
        var run = new TemplateRun();
        Assert.False(compiled.TryRender(run, TemplateValue.From(new TestData())));
        Assert.Contains(message, run.Problem!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ .Txt }}", "there is no field '.Txt'; did you mean 'Text'?")]
    [InlineData("{{ $.Grup.a }}", "there is no field '.Grup'")]
    [InlineData("{{ parseInt }}", "'parseInt' takes 3 argument(s), not 0")]
    public void What_is_sure_to_fail_is_warned_about(string template, string message)
    {
        TemplateProblem warning = Assert.Single(Parse(template).Warnings);
        Assert.StartsWith(message, warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_behind_a_changed_dot_are_not_judged() => Assert.Empty(Parse("{{ with .Map }}{{ .a }}{{ end }}{{ range .List }}{{ .b }}{{ end }}").Warnings);

    [Theory]
    [InlineData("a 60 IN A 192.0.2.1", true)]
    [InlineData("{{ print 1 }}{{ range 3 }}x{{ end }}{{ $x := 1 }}{{ $x }}", true)]
    [InlineData("{{ .Text }}", false)]
    [InlineData("{{ $ }}", false)]
    [InlineData("{{ with 1 }}{{ . }}{{ end }}", false)]
    public void Constants_are_known(string template, bool isConstant) => Assert.Equal(isConstant, Parse(template).IsConstant);

    [Fact]
    public void Nesting_is_bounded()
    {
        Assert.False(CompiledTemplate.TryParse("{{ " + new string('(', 10_000), TestData.Schema, out _, out TemplateProblem? problem));
        Assert.Contains("must not nest deeper", problem.Message, StringComparison.Ordinal);
        Assert.False(CompiledTemplate.TryParse(string.Concat(Enumerable.Repeat("{{ if 1 }}", 2000)), TestData.Schema, out _, out problem));
        Assert.Contains("must not nest deeper", problem.Message, StringComparison.Ordinal);
        Assert.False(CompiledTemplate.TryParse("{{ 1" + string.Concat(Enumerable.Repeat(" | print", 2000)) + " }}", TestData.Schema, out _, out problem));
        Assert.Contains("must not nest deeper", problem.Message, StringComparison.Ordinal);
        Assert.False(CompiledTemplate.TryParse("{{ ." + string.Concat(Enumerable.Repeat("a.", 2000)) + "b }}", TestData.Schema, out _, out problem));
        Assert.Contains("must not nest deeper", problem.Message, StringComparison.Ordinal);
        Assert.False(CompiledTemplate.TryParse("{{ if 1 }}" + string.Concat(Enumerable.Repeat("{{ else if 1 }}", 2000)), TestData.Schema, out _, out problem));
        Assert.Contains("must not nest deeper", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever the text, parsing gives a template or one problem inside the text, and rendering ends within its limits.</summary>
    [Fact]
    public void No_template_text_harms()
    {
        string[] pieces =
        [
            "{{", "}}", " ", "{{-", "-}}", "{{ ", " }}", ".", "$", "$x", ":=", "=", "|", "(", ")", ",", "\"a\"", "\"", "`", "'a'", "0x1", "1", "-", "1e9", ".Text",
            ".List", ".Map", ".a", ".Call", "if", "else", "end", "range", "with", "break", "continue", "define", "print", "printf \"%5d\"", "index", "len", "and", "or",
            "not", "eq", "parseInt", "slice", "true", "nil", "/*", "*/", "\n", "ä", "😀", "\\", "1000000", "text", "{{ range 9 }}", "{{ end }}", "{{ if 1 }}",
        ];
        Gen<string> text = from count in Gen.Choose(0, 30)
                           from chosen in Gen.Elements(pieces).ArrayOf(count)
                           select string.Concat(chosen);
        Prop.ForAll(text.ToArbitrary(), Holds).QuickCheckThrowOnFailure();
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(s => s is not null), s => Holds(s) && Holds("{{ " + s + " }}")).QuickCheckThrowOnFailure();

        static bool Holds(string template)
        {
            if (!CompiledTemplate.TryParse(template, TestData.Schema, out CompiledTemplate? compiled, out TemplateProblem? problem))
            {
                return problem.Offset >= 0 && problem.Offset <= template.Length && problem.Message.Length > 0;
            }

            var run = new TemplateRun();
            bool rendered = compiled.TryRender(run, TemplateValue.From(new TestData()));
            return rendered == run.Problem is null && run.Output.Length <= TemplateRun.MaxOutput;
        }
    }

    /// <summary>Text without braces is its own rendering.</summary>
    [Fact]
    public void Text_is_kept() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<string>().Filter(s => s is not null && !s.Contains("{{", StringComparison.Ordinal)),
            s => Render(s) == s).QuickCheckThrowOnFailure();

    private static CompiledTemplate Parse(string template) =>
        CompiledTemplate.TryParse(template, TestData.Schema, out CompiledTemplate? compiled, out TemplateProblem? problem)
            ? compiled
            : throw new FormatException($"{problem.Offset}: {problem.Message}");

    private static string Render(string template)
    {
        var run = new TemplateRun();
        return Parse(template).TryRender(run, TemplateValue.From(new TestData())) ? run.Output.Span.ToString() : throw new FormatException(run.Problem!.Message);
    }

    private sealed class TestData : TemplateObject
    {
        public static TemplateSchema Schema { get; } = new(["Text", "Number", "Unsigned", "True", "Empty", "Zero", "Float", "List", "NoList", "Map"], ["Call"]);

        public override bool TryGet(string field, out TemplateValue value)
        {
            TemplateValue? found = field switch
            {
                "Text" => TemplateValue.From("text"),
                "Number" => TemplateValue.From(7L),
                "Unsigned" => TemplateValue.From(255UL),
                "True" => TemplateValue.From(true),
                "Empty" => TemplateValue.From(""),
                "Zero" => TemplateValue.From(0L),
                "Float" => TemplateValue.From(1.5),
                "List" => TemplateValue.From(new TemplateArray([TemplateValue.From("zero"), TemplateValue.From("one"), TemplateValue.From("two")])),
                "NoList" => TemplateValue.From(new TemplateArray([])),
                "Map" => TemplateValue.From(new Letters()),
                _ => null,
            };
            value = found ?? default;
            return found is not null;
        }

        public override bool TryCall(string method, string argument, out TemplateValue value)
        {
            value = TemplateValue.From($"<{argument}>");
            return method == "Call";
        }
    }

    private sealed class Letters : TemplateMap
    {
        public override int Count => 2;

        public override IReadOnlyList<string> Keys => ["a", "b"];

        public override TemplateValue Absent => TemplateValue.From("");

        public override bool TryGet(string key, out TemplateValue value)
        {
            value = key is "a" or "b" ? TemplateValue.From(key.ToUpperInvariant()) : default;
            return key is "a" or "b";
        }
    }
}
