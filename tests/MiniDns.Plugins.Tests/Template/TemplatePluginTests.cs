using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Template;

/// <summary>The plugin in a server block, without sockets.</summary>
public sealed class TemplatePluginTests
{
    private const string Addresses = """
        template IN A example {
            match ^ip-(?P<a>[0-9]+)-(?P<b>[0-9]+)[.]example[.]$ ^(?P<b>[0-9]+)[.](?P<a>[0-9]+)[.]
            answer "{{ .Name }} 60 IN A 192.0.{{ .Group.a }}.{{ .Group.b }}"
            fallthrough
        }
        """;

    [Theory]
    [InlineData("ip-2-3.example.", "ip-2-3.example. 60 IN A 192.0.2.3")]
    [InlineData("IP-2-3.EXAMPLE.", "ip-2-3.example. 60 IN A 192.0.2.3")]
    [InlineData("3.2.example.", "3.2.example. 60 IN A 192.0.2.3")]
    public async Task The_first_expression_that_matches_counts(string name, string record) =>
        Assert.Equal([record], (await AskAsync(Addresses, name, DnsRecordType.A)).Answer);

    [Theory]
    [InlineData("{{ .Zone }} {{ .Class }} {{ .Type }} {{ .Remote }}", "example. IN TXT 127.0.0.1")]
    [InlineData("{{ index .Match 0 }} {{ index .Match 1 }} {{ len .Match }} {{ index .Group \\\"1\\\" }} {{ len .Group }}", "a.b.example. a 2 a 2")]
    [InlineData("{{ range .Match }}{{ . }};{{ end }}", "a.b.example.;a;")]
    [InlineData("{{ .Question.Name }} {{ .Question.Qtype }} {{ .Question.Qclass }} {{ .Message.RecursionDesired }} {{ .Message.Opcode }}", "A.b.example. 16 1 true 0")]
    [InlineData("{{ .Regex }}", "^([a-z]).*")]
    [InlineData("{{ .Meta \\\"no/label\\\" }}{{ len .Var }}", "0")]
    public async Task The_data_is_the_query(string text, string expected)
    {
        string stanza = "template IN TXT example {\nmatch ^([a-z]).*\nanswer \"{{ .Name }} 5 IN TXT \\\"" + text + "\\\"\"\n}";
        Answered answered = await AskAsync(stanza, "A.b.example.", DnsRecordType.TXT);
        Assert.Equal([$"a.b.example. 5 IN TXT \"{expected}\""], answered.Answer);
        Assert.True(answered.Message.Header.IsAuthoritative);
    }

    [Fact]
    public async Task Records_go_where_they_belong()
    {
        Answered answered = await AskAsync(
            """
            template IN MX example {
                answer "{{ .Name }} MX 10 {{ .Name }}" "{{ .Name }} 7 MX 20 other"
                additional "other. 60 IN A 192.0.2.1"
                authority "example. 60 IN NS ns.example."
            }
            """,
            "a.example.",
            DnsRecordType.MX);
        Assert.Equal(["a.example. 3600 IN MX 10 a.example.", "a.example. 7 IN MX 20 other."], answered.Answer);
        Assert.Equal(["other. 60 IN A 192.0.2.1"], answered.Additional);
        Assert.Equal(["example. 60 IN NS ns.example."], answered.Authority);
    }

    [Theory]
    [InlineData("template IN A example", "a.test.", DnsRecordType.A, DnsResponseCode.NameError)]
    [InlineData("template IN A example", "a.example.", DnsRecordType.AAAA, DnsResponseCode.NameError)]
    [InlineData("template IN A example", "a.example.", DnsRecordType.A, DnsResponseCode.NoError)]
    [InlineData("template IN A example", "a.example.", DnsRecordType.ANY, DnsResponseCode.NoError)]
    [InlineData("template ANY ANY", "a.example.", DnsRecordType.MX, DnsResponseCode.NoError)]
    [InlineData("template IN A example {\nmatch ^b\n}", "a.example.", DnsRecordType.A, DnsResponseCode.ServerFailure)]
    [InlineData("template IN A example {\nmatch ^b\nfallthrough\n}", "a.example.", DnsRecordType.A, DnsResponseCode.NameError)]
    [InlineData("template IN A example {\nmatch ^b\nfallthrough test\n}", "a.example.", DnsRecordType.A, DnsResponseCode.ServerFailure)]
    [InlineData("template IN A example {\nmatch ^b\nfallthrough b.example a.example\n}", "a.example.", DnsRecordType.A, DnsResponseCode.NameError)]
    [InlineData("template IN A example {\nrcode REFUSED\n}", "a.example.", DnsRecordType.A, DnsResponseCode.Refused)]
    [InlineData("template IN A example {\nrcode SERVFAIL\nanswer \"{{ .Name }} A 192.0.2.1\"\n}", "a.example.", DnsRecordType.A, DnsResponseCode.ServerFailure)]
    [InlineData("template IN A example {\nanswer \"{{ .Name }}\"\n}", "a.example.", DnsRecordType.A, DnsResponseCode.ServerFailure)]
    [InlineData("template IN A example {\nanswer \"{{ index .Match 4 }} A 192.0.2.1\"\n}", "a.example.", DnsRecordType.A, DnsResponseCode.ServerFailure)]
    [InlineData("template IN A example {\nanswer \"{{ if eq .Name \\\"b.\\\" }}b A 192.0.2.1{{ end }}\"\n}", "a.example.", DnsRecordType.A, DnsResponseCode.NoError)]
    [InlineData("template IN A example {\nanswer \"$GENERATE 1-3 {{ .Name }} A 192.0.2.$\"\n}", "a.example.", DnsRecordType.A, DnsResponseCode.ServerFailure)]
    public async Task Questions_are_answered_or_go_on(string stanza, string name, DnsRecordType type, DnsResponseCode code)
    {
        // What goes on meets a template that denies everything.
        Answered answered = await AskAsync(stanza + "\ntemplate ANY ANY {\nrcode NXDOMAIN\n}", name, type);
        Assert.Equal(code, answered.Message.Code);
        Assert.Empty(answered.Answer);
    }

    [Theory]
    [InlineData("var n int(group('n')) + 1\nvar m 'x' + group(1)", "{{ .Var.n }} {{ .Var.m }} {{ len .Var }}", "13 x12 2")]
    [InlineData("var l [1, 'b']\nvar f 1.5\nvar b incidr(client_ip(), '127.0.0.0/8')", "{{ .Var.l }} {{ .Var.f }} {{ if .Var.b }}in{{ end }}", "[1 b] 1.5 in")]
    [InlineData("var missing group('nobody') + group(9)", "empty={{ eq .Var.missing `` }}", "empty=true")]
    [InlineData("expr \"any([11, 12], # == int(group('n')))\"\nvar after 1\nexpr after == 1", "{{ .Var.after }}", "1")]
    [InlineData("expr type() == 'TXT' && name() endsWith '.example.'", "{{ .Group.n }}", "12")]
    public async Task Variables_and_conditions_are_expressions(string lines, string text, string expected)
    {
        string stanza = "template IN TXT example {\nmatch ^(?P<n>[0-9]+)[.]\n" + lines + "\nanswer \"{{ .Name }} 5 IN TXT \\\"" + text + "\\\"\"\n}";
        Assert.Equal([$"12.example. 5 IN TXT \"{expected}\""], (await AskAsync(stanza, "12.example.", DnsRecordType.TXT)).Answer);
    }

    [Theory]
    [InlineData("expr name() == 'b.example.'", DnsResponseCode.ServerFailure)]
    [InlineData("expr name() == 'b.example.'\nfallthrough", DnsResponseCode.NameError)]
    [InlineData("expr name() == 'b.example.'\nfallthrough other.example", DnsResponseCode.ServerFailure)]
    [InlineData("expr 1\nfallthrough", DnsResponseCode.NameError)]
    [InlineData("expr incidr('notanip', '10.0.0.0/8')\nfallthrough", DnsResponseCode.ServerFailure)]
    [InlineData("var bad int('x')\nfallthrough", DnsResponseCode.ServerFailure)]
    [InlineData("match ^b\nvar bad int('x')\nfallthrough", DnsResponseCode.NameError)]
    public async Task A_condition_that_is_not_true_is_like_no_match(string lines, DnsResponseCode code)
    {
        Answered answered = await AskAsync("template IN A example {\n" + lines + "\n}\ntemplate ANY ANY {\nrcode NXDOMAIN\n}", "a.example.", DnsRecordType.A);
        Assert.Equal(code, answered.Message.Code);
    }

    [Theory]
    [InlineData("var a", "Corefile:3:1: error: template: var: at least 2 argument(s) are expected")]
    [InlineData("var len 1", "Corefile:3:5: error: template: var: 'len' cannot be a variable's name")]
    [InlineData("var a 1\nvar a 2", "Corefile:4:5: error: template: var: 'a' cannot be a variable's name")]
    [InlineData("var a b + 1\nvar b 1", "Corefile:3:7: error: template: var: there is nothing of the name 'b'")]
    [InlineData("var b 1\nvar c 'x' + b", "Corefile:4:11: error: template: var: '+' does not fit string and int")]
    [InlineData("expr \"name() == 1\"", "Corefile:3:14: error: template: expr: '==' does not fit string and int")]
    [InlineData("expr name() ==", "Corefile:3:15: error: template: expr: a value is expected before the end")]
    public async Task Mistakes_in_expressions_have_a_place(string lines, string error)
    {
        await using PluginHarness harness = PluginHarness.Stanza("template ANY ANY example {\n" + lines + "\n}");
        Assert.False(harness.IsAccepted);
        Assert.StartsWith(error, harness.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extended_errors_are_sent()
    {
        Answered answered = await AskAsync("template ANY ANY invalid {\nrcode NXDOMAIN\nederror 21 \"no such zone\"\n}", "a.invalid.", DnsRecordType.A, dnssecOk: true);
        Assert.Equal([0, 15, 0, 14, 0, 21, .. "no such zone"u8], answered.Message.Options);
    }

    [Fact]
    public async Task Rfc6604_3_aliases_are_followed_to_the_code_of_their_target()
    {
        const string Corefile = """
            template IN ANY alias.example {
                answer "{{ .Name }} 60 IN CNAME target.example"
            }
            template IN ANY dead.example {
                answer "{{ .Name }} 60 IN CNAME a.invalid"
            }
            template IN ANY far.example {
                answer "{{ .Name }} 60 IN CNAME a.elsewhere"
            }
            template IN ANY whole.example {
                answer "{{ .Name }} 60 IN CNAME target.example" "target.example 5 IN A 192.0.2.99"
            }
            template IN A target.example {
                answer "target.example 30 IN A 192.0.2.1"
            }
            template ANY ANY invalid {
                rcode NXDOMAIN
            }
            """;
        Answered answered = await AskAsync(Corefile, "alias.example.", DnsRecordType.A);
        Assert.Equal(["alias.example. 60 IN CNAME target.example.", "target.example. 30 IN A 192.0.2.1"], answered.Answer);
        answered = await AskAsync(Corefile, "alias.example.", DnsRecordType.CNAME);
        Assert.Equal(["alias.example. 60 IN CNAME target.example."], answered.Answer);
        answered = await AskAsync(Corefile, "dead.example.", DnsRecordType.A);
        Assert.Equal(DnsResponseCode.NameError, answered.Message.Code);
        Assert.Equal(["dead.example. 60 IN CNAME a.invalid."], answered.Answer);
        answered = await AskAsync(Corefile, "far.example.", DnsRecordType.A);
        Assert.Equal(DnsResponseCode.NoError, answered.Message.Code);
        Assert.Equal(["far.example. 60 IN CNAME a.elsewhere."], answered.Answer);
        answered = await AskAsync(Corefile, "whole.example.", DnsRecordType.A);
        Assert.Equal(["whole.example. 60 IN CNAME target.example.", "target.example. 5 IN A 192.0.2.99"], answered.Answer);
    }

    [Fact]
    public async Task Aliases_in_a_circle_end()
    {
        Answered answered = await AskAsync("template IN A example {\nanswer \"{{ .Name }} 60 IN CNAME x{{ .Name }}\"\n}", "a.example.", DnsRecordType.A);
        Assert.Equal(DnsResponseCode.ServerFailure, answered.Message.Code);
        Assert.InRange(answered.Answer.Count, 1, IQueryRunner.MaxDepth + 1);
    }

    [Theory]
    [InlineData("template", "Corefile:2:1: error: template: a class such as IN or ANY, a type and zones is expected after 'template'")]
    [InlineData("template X", "Corefile:2:10: error: template: 'X' is not a class such as IN, CH or ANY")]
    [InlineData("template IN", "Corefile:2:10: error: template: a type such as A or ANY is expected after 'IN'")]
    [InlineData("template IN X", "Corefile:2:13: error: template: 'X' is not a type such as A, MX or ANY")]
    [InlineData("template IN A {\nanswer \"{{ .Name }} {{ nope }}\"\n}", "Corefile:3:24: error: template: answer: there is no function 'nope'")]
    [InlineData("template IN A {\nanswer \"{{ \\\"a\\\" }} {{ nope }}\"\n}", "Corefile:3:24: error: template: answer: there is no function 'nope'")]
    [InlineData("template IN A {\nanswer \"{{ .Name }}\n  {{ nope }}\"\n}", "Corefile:4:6: error: template: answer: there is no function 'nope'")]
    [InlineData("template IN A {\nadditional a {{nope}}\n}", "Corefile:3:16: error: template: additional: there is no function 'nope'")]
    [InlineData("template IN A {\nanswer\n}", "Corefile:3:1: error: template: answer: at least 1 argument(s) are expected")]
    [InlineData("template IN A {\nmatch (a\n}", "Corefile:3:7: error: template: match: not a regular expression")]
    [InlineData("template IN A {\nrcode NOPE\n}", "Corefile:3:7: error: template: rcode: 'NOPE' is not a response code")]
    [InlineData("template IN A {\nederror x\n}", "Corefile:3:9: error: template: ederror: 'x' is not a whole number from 0 to 65535")]
    [InlineData("template IN A {\nederror 1 a b\n}", "Corefile:3:13: error: template: ederror: 1 to 2 argument(s) are expected, not 3")]
    [InlineData("template IN A {\nanwser a\n}", "Corefile:3:1: error: template: unknown property 'anwser'; did you mean 'answer'?")]
    public async Task Mistakes_are_told_with_their_place(string stanza, string error)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.False(harness.IsAccepted);
        Assert.StartsWith(error, harness.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("template IN AAAA {\nrcode NXDOMAIN\n}", "Corefile:3:7: warning: template: rcode: NXDOMAIN says that the name has no records of any type, not only no AAAA")]
    [InlineData("template IN A {\nanswer \"{{ .Name }} A {{ .Grup.d }}\"\n}", "Corefile:3:26: warning: template: answer: there is no field '.Grup'")]
    [InlineData("template IN A {\nanswer \"{{ parseInt }}\"\n}", "Corefile:3:12: warning: template: answer: 'parseInt' takes 3 argument(s), not 0")]
    [InlineData("template IN A {\nanswer \"a.example. 60 IN A 192.0.2.256\"\n}", "Corefile:3:9: warning: template: answer: 'a.example. 60 IN A 192.0.2.256' is not a record")]
    public async Task Doubts_are_warnings(string stanza, string warning)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.True(harness.IsAccepted);
        ConfigDiagnostic diagnostic = Assert.Single(harness.Diagnostics.Items);
        Assert.StartsWith(warning, diagnostic.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("template ANY ANY {\nrcode NXDOMAIN\n}")]
    [InlineData("template IN AAAA\n")]
    public async Task A_denial_of_every_type_and_of_none_is_not_doubted(string stanza)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.Empty(harness.Diagnostics.Items);
    }

    [Fact]
    public async Task Other_classes_are_taken_when_a_directive_is_about_them()
    {
        await using PluginHarness harness = PluginHarness.Stanza("template CH TXT version.bind {\nanswer \"{{ .Name }} 0 CH TXT none\"\n}");
        Answered answered = new(harness.Chain.Ask("version.bind.", DnsRecordType.TXT, @class: DnsRecordClass.CH).Span);
        Assert.Equal(["version.bind. 0 CH TXT \"none\""], answered.Answer);
    }

    [Fact]
    public async Task What_happens_is_counted()
    {
        await using PluginHarness harness = PluginHarness.Stanza(
            "template IN ANY example {\nanswer \"{{ .Name }} {{ index .Match 1 }}\"\n}\ntemplate IN ANY test {\nanswer \"{{ .Name }} nothing\"\n}");
        harness.Chain.Ask("a.example.", DnsRecordType.A);
        harness.Chain.Ask("a.test.", (DnsRecordType)65432);
        harness.Chain.Ask("a.test.", (DnsRecordType)65433);
        Assert.Equal(1, Count(harness, "coredns_template_matches_total", "A"));
        Assert.Equal(2, Count(harness, "coredns_template_matches_total", "other"));
        Assert.Equal(1, Count(harness, "coredns_template_template_failures_total", "A"));
        Assert.Equal(2, Count(harness, "coredns_template_rr_failures_total", "other"));
        Assert.Equal(0, Count(harness, "coredns_template_rr_failures_total", "A"));

        static double Count(PluginHarness harness, string name, string type) =>
            harness.Metrics.Snapshot().Where(s => s.Name == name && s.Labels.Any(l => l.Key == "type" && l.Value == type)).Sum(s => s.Read());
    }

    [Theory]
    [InlineData("template IN A example {\nanswer \"a.example. 60 IN A 192.0.2.1\" \"a.example. 60 IN A 192.0.2.2\"\n}")]
    [InlineData("template ANY ANY example {\nmatch ^b ^(?P<x>a+)[.]example[.]$\nrcode NXDOMAIN\nederror 15 blocked\nauthority \"example. 60 SOA a b 1 2 3 4 5\"\n}")]
    public async Task Constant_answers_allocate_nothing(string stanza)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        int length = harness.Chain.Begin("a.example.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.Chain.BeginAgain(length);
            harness.Chain.Run();
        });
    }

    private static async Task<Answered> AskAsync(string stanza, string name, DnsRecordType type, bool dnssecOk = false)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.Equal("", harness.Errors);
        return new Answered((await harness.Chain.AskAsync(name, type, dnssecOk)).Span);
    }

    private sealed class Answered(ReadOnlySpan<byte> message)
    {
        public ParsedMessage Message { get; } = new(message);

        public IReadOnlyList<string> Answer => In(DnsSection.Answer);

        public IReadOnlyList<string> Authority => In(DnsSection.Authority);

        public IReadOnlyList<string> Additional => In(DnsSection.Additional);

        private IReadOnlyList<string> In(DnsSection section) =>
            [.. Message.In(section).Select(r => $"{r.Owner.ToLowerInvariant()} {r.Ttl} {DnsClassText.Format(r.Class)} {DnsTypeText.Format(r.Type)} {RdataText.Format(r.Type, Convert.FromHexString(r.Rdata))}")];
    }
}
