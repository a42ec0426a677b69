using System.Net;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Core.Tests.Configuration;

public sealed class DirectiveReaderTests
{
    private static readonly DnsName[] BlockZones = [DnsName.Parse("example.org.")];

    /// <summary>A setup as a plugin writes it.</summary>
    private sealed class Options
    {
        public string Path { get; private set; } = "/etc/hosts";
        public IReadOnlyList<DnsName> Zones { get; private set; } = [];
        public IReadOnlyList<DnsName>? Fallthrough { get; private set; }
        public int Ttl { get; private set; } = 3600;
        public TimeSpan Reload { get; private set; } = TimeSpan.FromSeconds(5);
        public bool Reverse { get; private set; } = true;
        public List<string> Lines { get; } = [];

        public static Options Read(Directive directive, ConfigDiagnostics diagnostics)
        {
            Options options = new();
            DirectiveReader reader = new(directive, diagnostics, BlockZones, "/root");
            options.Path = reader.HasArgument ? reader.Path() : options.Path;
            options.Zones = reader.Zones();
            reader.Properties(
                new()
                {
                    ["ttl"] = p => options.Ttl = p.Int(1, 65535, options.Ttl),
                    ["reload"] = p => options.Reload = p.Duration(options.Reload),
                    ["no_reverse"] = _ => options.Reverse = false,
                    ["fallthrough"] = p => options.Fallthrough = p.Zones([]),
                },
                repeatable: ["fallthrough"],
                other: p =>
                {
                    if (IPAddress.TryParse(p.Name, out _))
                    {
                        options.Lines.Add(p.Line());
                    }
                    else
                    {
                        p.Rest();
                        p.Error($"'{p.Name}' is not a property and not an address");
                    }
                });
            return options;
        }
    }

    [Fact]
    public void A_whole_setup()
    {
        Options options = Options.Read(
            Line("hosts db.hosts 10.0.0.0/15 Example.net {\n 10.0.0.1 a b\n ttl 60\n fallthrough a.org\n no_reverse\n reload 1h30m\n fallthrough\n ::1 localhost\n}"),
            Diagnostics(out ConfigDiagnostics diagnostics));

        Assert.Empty(diagnostics.Items);
        Assert.Equal("/root/db.hosts", options.Path);
        Assert.Equal(["0.10.in-addr.arpa.", "1.10.in-addr.arpa.", "example.net."], options.Zones.Select(z => z.ToString()));
        Assert.Equal((60, TimeSpan.FromMinutes(90), false), (options.Ttl, options.Reload, options.Reverse));
        Assert.Empty(options.Fallthrough!);
        Assert.Equal(["10.0.0.1 a b", "::1 localhost"], options.Lines);
    }

    [Fact]
    public void Defaults_are_the_block_and_what_the_plugin_says()
    {
        Options options = Options.Read(Line("hosts"), Diagnostics(out ConfigDiagnostics diagnostics));

        Assert.Empty(diagnostics.Items);
        Assert.Equal("/etc/hosts", options.Path);
        Assert.Same(BlockZones, options.Zones);
        Assert.Null(options.Fallthrough);
    }

    [Fact]
    public void One_run_shows_all_errors_with_plugin_and_property()
    {
        Options options = Options.Read(
            Line("hosts x exa..mple :. {\n ttl 70000\n ttl\n reload 5\n no_reverse now\n tll 5 {\n }\n 10.0.0.1 a {\n }\n}"),
            Diagnostics(out ConfigDiagnostics diagnostics));

        Assert.Equal(
            [
                "Corefile:2:9: error: hosts: 'exa..mple' cannot be read as a zone: 'exa..mple' is not a zone: a label must not be empty",
                "Corefile:3:6: error: hosts: ttl: '70000' is not a whole number from 1 to 65535",
                "Corefile:4:2: warning: hosts: ttl: given already at Corefile:3:2; the last one counts",
                "Corefile:4:2: error: hosts: ttl: a whole number from 1 to 65535 is expected after 'ttl'",
                "Corefile:5:9: error: hosts: reload: '5' is not a duration, not negative, such as 1h30m, 5s or 250ms; a unit is missing, write '5s' for seconds",
                "Corefile:6:13: error: hosts: no_reverse: takes no arguments, but has 'now'",
                "Corefile:7:6: error: hosts: 'tll' is not a property and not an address",
                "Corefile:7:2: error: hosts: takes no block in braces",
                "Corefile:9:2: error: hosts: takes no block in braces",
            ],
            diagnostics.Items.Select(i => i.ToString()));
        Assert.Equal((3600, TimeSpan.FromSeconds(5)), (options.Ttl, options.Reload));
    }

    [Fact]
    public void An_unknown_property_names_the_nearest()
    {
        DirectiveReader reader = Reader("cache {\n sucess 1\n foo\n}", out ConfigDiagnostics diagnostics);

        reader.Properties(new() { ["success"] = _ => { }, ["denial"] = _ => { } });

        Assert.Equal(
            [
                "Corefile:3:2: error: cache: unknown property 'sucess'; did you mean 'success'?",
                "Corefile:4:2: error: cache: unknown property 'foo'; known are: success, denial",
            ],
            diagnostics.Items.Select(i => i.ToString()));
    }

    [Theory]
    [InlineData("x", 0, 0, "")]
    [InlineData("x a b", 2, 2, "")]
    [InlineData("x a b", 0, int.MaxValue, "")]
    [InlineData("x a b", 0, 1, "2:4: error: x: 0 to 1 argument(s) are expected, not 2; write 'SYNTAX'")]
    [InlineData("x a", 2, 2, "2:0: error: x: 2 argument(s) are expected, not 1; write 'SYNTAX'")]
    [InlineData("x", 1, int.MaxValue, "2:0: error: x: at least 1 argument(s) are expected, not 0; write 'SYNTAX'")]
    public void Arguments_can_be_counted_first(string line, int least, int most, string expected)
    {
        DirectiveReader reader = Reader(line, out ConfigDiagnostics diagnostics);

        bool isRight = reader.ArgumentCount(least, most, "SYNTAX");

        Assert.Equal(expected.Length == 0, isRight);
        Assert.Equal(expected, string.Join('|', diagnostics.Items.Select(i => $"{i.Span.Line}:{i.Span.Column - 1}{i.ToString()[$"{i.Span}".Length..]}")));
        Assert.False(!isRight && reader.HasArgument);
    }

    [Fact]
    public void Every_kind_of_value()
    {
        DirectiveReader reader = Reader(
            "x 5 -7 10% 1.5s 30 64K on false b a 10.0.0.0/31 Www.example.org 192.0.2.1 [::1]:5300 :8080 localhost:0 sub/file /abs word",
            out ConfigDiagnostics diagnostics);

        Assert.True(reader.NextIsInteger);
        Assert.Equal(5, reader.Int(0, 10, -1));
        Assert.Equal(-7, reader.Long(-10, 10, 0));
        Assert.False(reader.NextIsInteger);
        Assert.Equal(10, reader.Percent(10, 90, 0));
        Assert.Equal(TimeSpan.FromSeconds(1.5), reader.Duration(default));
        Assert.Equal(TimeSpan.FromSeconds(30), reader.Duration(default, bareSeconds: true));
        Assert.Equal(65536, reader.Size(0, 1 << 20, 0));
        Assert.True(reader.Bool(false));
        Assert.False(reader.Bool(true));
        Assert.Equal(2, reader.Choice(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }, 0));
        Assert.False(reader.TakeIf("b"));
        Assert.True(reader.TakeIf("a"));
        Assert.True(reader.TryZone(out IReadOnlyList<DnsName>? zones));
        Assert.Equal(2, zones.Count);
        Assert.True(reader.TryName(out DnsName? name));
        Assert.Equal("Www.example.org.", name.ToString());
        Assert.True(reader.TryAddress(53, out IPEndPoint? address));
        Assert.Equal("192.0.2.1:53", address.ToString());
        Assert.True(reader.TryAddress(53, out address));
        Assert.Equal("[::1]:5300", address.ToString());
        Assert.True(reader.TryListenAddress(out string? host, out int port));
        Assert.Equal(("", 8080), (host, port));
        Assert.True(reader.TryListenAddress(out host, out port));
        Assert.Equal(("localhost", 0), (host, port));
        Assert.Equal("/root/sub/file", reader.Path());
        Assert.Equal("/abs", reader.Path());
        Assert.Equal(1, reader.ArgumentsLeft);
        Assert.Equal("word", reader.Next!.Text);
        Assert.Equal("word", reader.Word("a word"));
        reader.End();
        Assert.Null(reader.Next);
        Assert.Empty(diagnostics.Items);
    }

    [Theory]
    [InlineData("11", "x: '11' is not a whole number from 0 to 10")]
    [InlineData("five", "x: 'five' is not a whole number from 0 to 10")]
    [InlineData("99999999999999999999", "x: '99999999999999999999' is not a whole number from 0 to 10")]
    [InlineData("", "x: a whole number from 0 to 10 is expected after 'x'")]
    public void A_wrong_number_gives_the_fallback(string argument, string expected)
    {
        DirectiveReader reader = Reader($"x {argument}", out ConfigDiagnostics diagnostics);

        Assert.Equal(-1, reader.Int(0, 10, -1));
        Assert.Equal(expected, diagnostics.Items.Single().Message);
    }

    [Fact]
    public void Every_kind_of_wrong_value_is_an_error()
    {
        DirectiveReader reader = Reader("x -1s 2h 5 5% 10 1T 2M maybe c exa..mple a..b resolv.conf 8080 \"\" more", out ConfigDiagnostics diagnostics);

        Assert.Equal(TimeSpan.Zero, reader.Duration(TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, reader.Duration(TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)));
        Assert.Equal(TimeSpan.Zero, reader.Duration(TimeSpan.Zero, TimeSpan.MinValue));
        Assert.Equal(0, reader.Percent(10, 90, 0));
        Assert.Equal(0, reader.Percent(10, 90, 0));
        Assert.Equal(0, reader.Size(0, 1 << 20, 0));
        Assert.Equal(0, reader.Size(0, 1 << 20, 0));
        Assert.True(reader.Bool(true));
        Assert.Equal(0, reader.Choice(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }, 0));
        Assert.False(reader.TryZone(out _));
        Assert.False(reader.TryName(out _));
        Assert.False(reader.TryAddress(53, out _));
        Assert.False(reader.TryListenAddress(out _, out _));
        Assert.Equal("", reader.Path());
        reader.End();

        Assert.Equal(15, diagnostics.Items.Count);
        Assert.Equal(Enumerable.Range(0, 15).Select(i => reader.Directive.Arguments[i].Span), diagnostics.Items.Select(i => i.Span));
        Assert.Equal("x: 'more' is one argument too many", diagnostics.Items[^1].Message);
    }

    [Fact]
    public void Missing_values_are_errors_at_the_last_word()
    {
        DirectiveReader reader = Reader("x a", out ConfigDiagnostics diagnostics);
        reader.Word("a word");

        Assert.False(reader.TryWord("a server name", out _));
        Assert.False(reader.TryDuration(out _));
        Assert.False(reader.TryAddress(53, out _));
        Assert.False(reader.TryPath(out _));
        Assert.False(reader.TryZone(out _));
        Assert.Empty(reader.Rest());

        Assert.Equal(5, diagnostics.Items.Count);
        Assert.All(diagnostics.Items, i => Assert.Equal(reader.Directive.Arguments[0].Span, i.Span));
        Assert.Equal("x: a server name is expected after 'a'", diagnostics.Items[0].Message);
    }

    [Fact]
    public void Words_may_be_spread_over_the_body()
    {
        DirectiveReader reader = Reader("rewrite stop {\n name regex a b\n answer name {\n c\n }\n}", out ConfigDiagnostics diagnostics);

        Assert.Equal(["stop", "name", "regex", "a", "b", "answer", "name", "c"], reader.RestWithBody().Select(t => t.Text));
        reader.End();
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void A_property_may_have_properties()
    {
        DirectiveReader reader = Reader("x {\n y 1 {\n z 2\n w\n }\n}", out ConfigDiagnostics diagnostics);
        int z = 0;

        reader.Properties(new()
        {
            ["y"] = y =>
            {
                Assert.Equal(1, y.Int(0, 9, 0));
                y.Properties(new() { ["z"] = p => z = p.Int(0, 9, 0) });
            },
        });

        Assert.Equal(2, z);
        Assert.Equal(["Corefile:5:2: error: x: y: unknown property 'w'; known are: z"], diagnostics.Items.Select(i => i.ToString()));
    }

    [Fact]
    public void A_directive_without_properties_ends()
    {
        DirectiveReader reader = Reader("whoami {\n}", out ConfigDiagnostics diagnostics);

        reader.End();

        Assert.Equal("whoami: takes no block in braces", diagnostics.Items.Single().Message);
    }

    private static ConfigDiagnostics Diagnostics(out ConfigDiagnostics diagnostics) => diagnostics = new ConfigDiagnostics();

    private static Directive Line(string text) => Corefiles.ParseClean($".\n{text}").Blocks.Single().Directives.Single();

    private static DirectiveReader Reader(string text, out ConfigDiagnostics diagnostics) =>
        new(Line(text), Diagnostics(out diagnostics), BlockZones, "/root");
}
