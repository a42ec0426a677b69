using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Expressions;
using MiniDns.Plugins;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Core.Tests.Expressions;

/// <summary>The expression language of <c>view</c> and <c>template</c>.</summary>
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("7 / 2", "3.5")]
    [InlineData("7 % 3 - 10", "-9")]
    [InlineData("2 ** 3 ** 2", "512")]
    [InlineData("-2 ** 2", "-4")]
    [InlineData("0x10 + 0b11 + 1_000", "1019")]
    [InlineData("1.5 + 1", "2.5")]
    [InlineData("'a' + \"b\" + `c`", "abc")]
    [InlineData("'\\x41\\u00e4\\n'", "Aä\n")]
    [InlineData("1 == 1.0 && 'a' != 'b'", "true")]
    [InlineData("nil == 'a' or 2 >= 2", "true")]
    [InlineData("not (1 > 2) and !false", "true")]
    [InlineData("false && int('x') == 1", "false")]
    [InlineData("'b' in ['a', 'b']", "true")]
    [InlineData("3 not in 1..2", "true")]
    [InlineData("'abc' contains 'b' && 'abc' startsWith 'a' && 'abc' endsWith 'c' && 'abc' not contains 'x'", "true")]
    [InlineData("'abc' matches '^a.c$'", "true")]
    [InlineData("'abc' not matches 'x'", "true")]
    [InlineData("'b' > 'a' ? 'yes' : 'no'", "yes")]
    [InlineData("nil ?? 'x'", "x")]
    [InlineData("[1, 2, 3][-1] + [4][0]", "7")]
    [InlineData("'abcdef'[1:3] + 'abc'[0] + 'abc'[-1:]", "bcac")]
    [InlineData("[1, 2, 3][1:]", "[2 3]")]
    [InlineData("let x = 2; let y = x * 3; x + y", "8")]
    [InlineData("any([1, 2], # > 1)", "true")]
    [InlineData("all(['a', 'b'], {# matches '[a-z]'})", "true")]
    [InlineData("none([1], # == 2) && one([1, 2], # == 2)", "true")]
    [InlineData("filter(1..5, # % 2 == 1)", "[1 3 5]")]
    [InlineData("map([1, 2], # * 2) | count(# > 2)", "1")]
    [InlineData("find(['a', 'bb'], len(#) == 2)", "bb")]
    [InlineData("any([1, 2], any([2, 3], # == 2))", "true")]
    [InlineData("upper('a') + lower('B') + trim(' c ') + trim('xdx', 'x')", "Abcd")]
    [InlineData("replace('1-2-3', '-', '.')", "1.2.3")]
    [InlineData("split('a,b', ',') | join('+')", "a+b")]
    [InlineData("trimPrefix('abc', 'a') + trimSuffix('abc', 'c') + repeat('x', 3)", "bcabxxx")]
    [InlineData("indexOf('abcb', 'b') + lastIndexOf('abcb', 'b')", "4")]
    [InlineData("int('12') + int(3.9) + abs(-1)", "16")]
    [InlineData("string(1) + string(true)", "1true")]
    [InlineData("len('abc') + len([1])", "4")]
    [InlineData("round(1.5) + floor(1.9) + ceil(1)", "4")]
    [InlineData("first([1, 2]) == 1 and last([]) == nil", "true")]
    [InlineData("name() + ' ' + type() + ' ' + class() + ' ' + proto()", "www.example.org. AAAA IN udp")]
    [InlineData("client_ip() + ':' + port()", "192.0.2.7:4242")]
    [InlineData("[do(), bufsize(), opcode(), size() > 12]", "[true 4096 0 true]")]
    [InlineData("incidr(client_ip(), '192.0.2.0/24') && !incidr(client_ip(), '2001:db8::/32')", "true")]
    [InlineData("incidr('1:2::3:4', '1:2::/64') && incidr('1.2.3.4', '0.0.0.0/0')", "true")]
    [InlineData("metadata('some/label')", "")]
    [InlineData("number + 1", "6")]
    public void Evaluates(string source, string expected)
    {
        Expression expression = Parse(source);
        ExpressionContext context = NewContext();
        Assert.True(expression.TryEvaluate(context, out ExpressionValue value), context.Problem);
        Assert.Equal(expected, value.ToString());
        Assert.True(expression.Type == ExpressionType.Any || expression.Type == value.Type, $"{expression.Type} was promised");
    }

    [Theory]
    [InlineData("", 0, "a value is expected before the end")]
    [InlineData("1 +", 3, "a value is expected before the end")]
    [InlineData("invalid expression", 0, "there is nothing of the name 'invalid'")]
    [InlineData("number expression", 7, "an operator or the end is expected, not 'expression'")]
    [InlineData("undefined == 1", 0, "there is nothing of the name 'undefined'")]
    [InlineData("nmber + 1", 0, "did you mean 'number'?")]
    [InlineData("1 + 'x'", 2, "'+' does not fit int and string")]
    [InlineData("name() == 1", 7, "'==' does not fit string and int")]
    [InlineData("1 && true", 2, "'&&' does not fit int and bool")]
    [InlineData("!1", 0, "'!' does not fit int")]
    [InlineData("name", 0, "'name' is a function")]
    [InlineData("nothing(1)", 0, "there is no function 'nothing'")]
    [InlineData("incidr('a')", 0, "'incidr' takes 2 argument(s), not 1")]
    [InlineData("incidr('a', 1)", 0, "'incidr' takes string, not int, as argument 2")]
    [InlineData("metadata(name())", 0, "'metadata' takes text in quotes only")]
    [InlineData("'a' matches name()", 12, "a regular expression in quotes is expected")]
    [InlineData("'a' matches '('", 12, "not a regular expression")]
    [InlineData("# == 1", 0, "'#' stands for an element")]
    [InlineData("any(1, true)", 0, "'any' takes a list, not int")]
    [InlineData("'abc", 0, "never closed")]
    [InlineData("(1", 2, "')' is expected before the end")]
    [InlineData("let len = 1; 2", 4, "cannot be a variable's name")]
    [InlineData("1 @ 2", 2, "'@' has no meaning here")]
    [InlineData("number.x", 6, "values have no fields")]
    public void Mistakes_have_a_place(string source, int offset, string message)
    {
        Assert.False(Expression.TryParse(source, NewEnvironment(), out _, out ExpressionProblem? problem));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(offset, problem.Offset);
    }

    [Theory]
    [InlineData("incidr('notanip', '10.0.0.0/8')", "'notanip' is not an IP address")]
    [InlineData("incidr('10.0.0.1', '10.0.0.0/' + '33')", "is not a network")]
    [InlineData("int('x')", "'x' is not a whole number")]
    [InlineData("1 % 0", "divided by 0")]
    [InlineData("[1][5]", "there is no element 5; there are 1")]
    [InlineData("1..1000000", "at most 65536 numbers")]
    [InlineData("repeat('abc', 100000)", "longer than 65536")]
    [InlineData("all(1..10000, all(1..10000, # > 0))", "does not come to an end")]
    [InlineData("first(['a']) and true", "true or false is expected")]
    public void Failures_end_an_evaluation(string source, string message)
    {
        ExpressionContext context = NewContext();
        Assert.False(Parse(source).TryEvaluate(context, out _));
        Assert.Contains(message, context.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("_a9", true)]
    [InlineData("1a", false)]
    [InlineData("a-b", false)]
    [InlineData("", false)]
    [InlineData("len", false)]
    [InlineData("name", false)]
    [InlineData("any", false)]
    [InlineData("true", false)]
    [InlineData("let", false)]
    [InlineData("number", false)]
    public void Names_that_mean_something_are_not_free(string name, bool isFree) => Assert.Equal(isFree, NewEnvironment().IsFree(name));

    [Fact]
    public void Labels_of_metadata_are_told_and_read()
    {
        Expression expression = Parse("metadata('a/b') + '!'");
        Assert.Equal(["a/b"], expression.Labels.Select(l => l.Name));
        BlockCapabilities block = new();
        block.Add(new Everything());
        block.Add(new Everything());
        expression.Labels[0].Bind(block);
        ExpressionContext context = NewContext();
        Assert.True(expression.TryEvaluate(context, out ExpressionValue value));
        Assert.Equal("grün!", value.ToString());
    }

    [Fact]
    public void Memory_for_one_query_has_an_end()
    {
        ExpressionContext context = NewContext();
        Expression expression = Parse("len(repeat('ab', 32768))");
        for (int i = 0; i < 4; i++)
        {
            Assert.True(expression.TryEvaluate(context, out ExpressionValue value));
            Assert.Equal(65536, value.Int);
        }

        Assert.False(expression.TryEvaluate(context, out _));
        Assert.Contains("longer than 262144 characters", context.Problem, StringComparison.Ordinal);
        context.End();
        Assert.True(expression.TryEvaluate(context, out _));
        Assert.False(Parse("len(split(repeat('a', 60000), '')) + len(map(1..9000, #))").TryEvaluate(context, out _));
        Assert.Contains("more than 65536 elements", context.Problem, StringComparison.Ordinal);
    }

    /// <summary>Whatever the text, reading gives an expression or one problem inside the text, and evaluating ends.</summary>
    [Fact]
    public void No_expression_text_harms()
    {
        string[] pieces =
        [
            "1", "2.5", "'a'", "\"", "'", "(", ")", "[", "]", "{", "}", ",", "+", "-", "*", "**", "/", "%", "..", "==", "!=", "<", "in", "not", "and", "||", "??", "?", ":",
            "|", "#", "let x =", ";", "x", "number", "name()", "len(", "any(", "map(1..9,", "int(", "matches '", "nil", "true", "100000", "repeat('ab', ", ".", "\\", "😀", " ",
        ];
        Gen<string> text = from count in Gen.Choose(0, 20)
                           from chosen in Gen.Elements(pieces).ArrayOf(count)
                           select string.Join(' ', chosen);
        Prop.ForAll(text.ToArbitrary(), Holds).QuickCheckThrowOnFailure();
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(s => s is not null), Holds).QuickCheckThrowOnFailure();
        foreach (string opening in (string[])["(", "[", "!", "- ", "1 + (", "1 ** ", "any([1], ", "let x = (", "true ? ", "1 + ", "[1]["])
        {
            Assert.True(Holds(string.Concat(Enumerable.Repeat(opening, Expression.MaxLength / opening.Length))));
            Assert.True(Holds("1" + string.Concat(Enumerable.Repeat(" + 1", 2000))));
        }

        static bool Holds(string source)
        {
            if (!Expression.TryParse(source, NewEnvironment(), out Expression? expression, out ExpressionProblem? problem))
            {
                return problem.Offset >= 0 && problem.Offset <= source.Length && problem.Message.Length > 0;
            }

            ExpressionContext context = NewContext();
            return expression.TryEvaluate(context, out _) == context.Problem is null;
        }
    }

    private static Expression Parse(string source) =>
        Expression.TryParse(source, NewEnvironment(), out Expression? expression, out ExpressionProblem? problem) ? expression : throw new FormatException($"{problem.Offset}: {problem.Message}");

    private static ExpressionEnvironment NewEnvironment()
    {
        var environment = new ExpressionEnvironment(QueryFunctions.All);
        environment.Declare("number", ExpressionType.Int);
        return environment;
    }

    private static ExpressionContext NewContext()
    {
        var query = new DnsQuery(512, 4096);
        int length = query.WriteQuestion(DnsName.Parse("WWW.example.org.").View, DnsRecordType.AAAA, DnsRecordClass.IN, 0x0100, dnssecOk: true);
        query.Begin(length, DnsTransport.Udp);
        query.Client = ClientAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4242));
        var context = new ExpressionContext { Query = query };
        context[0] = ExpressionValue.From(5L);
        return context;
    }

    private sealed class Everything : IMetadataScope, IMetadataSource
    {
        public IReadOnlyList<string> Labels { get; } = ["a/b"];

        public bool Covers(DnsQuery query) => true;

        public bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written)
        {
            written = Encoding.UTF8.GetBytes("grün", destination);
            return true;
        }
    }
}
