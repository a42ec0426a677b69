using System.Net;
using MiniDns.Expressions;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Expressions;

/// <summary>Expressions as conditions of queries, as <c>view</c> asks them.</summary>
public sealed class ConditionTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("!false && not false")]
    [InlineData("false || true and true")]
    [InlineData("true || false && false")]
    [InlineData("1 + 2 * 3 == 7")]
    [InlineData("(1 + 2) * 3 == 9")]
    [InlineData("2 ** 3 ** 2 == 512")]
    [InlineData("-2 ** 2 == -4")]
    [InlineData("7 % 4 == 3 and 7 / 2 == 3.5")]
    [InlineData("10 - 2 - 3 == 5")]
    [InlineData("0x35 == 53 and 0b11 == 3 and 1_000 == 1000 and 1e3 == 1000")]
    [InlineData("1 == 1.0")]
    [InlineData("1 < 2 and 2 <= 2 and 3 > 2 and 3 >= 3 and 1 != 2")]
    [InlineData("'a' < 'b' and 'b' >= 'b'")]
    [InlineData("'a' + 'b' == 'ab'")]
    [InlineData("'abc' contains 'b' and 'abc' startsWith 'ab' and 'abc' endsWith 'c'")]
    [InlineData("not ('abc' contains 'd') and 'abc' not contains 'd'")]
    [InlineData("'abc' matches '^a.c$' and 'xabcx' matches 'b' and 'abc' not matches '^b'")]
    [InlineData("'a.b' matches '^a\\\\.b$' and 'axb' not matches '^a\\\\.b$'")]
    [InlineData("'a' in ['a', 'b'] and 'c' not in ['a', 'b'] and 1 in [1, 2] and 'a' not in [1, true, nil]")]
    [InlineData("true in [false, true] and nil in [nil]")]
    [InlineData("5 in 1..10 and 10 in 1..10 and 11 not in 1..10 and 1.5 not in 1..10")]
    [InlineData("true ? 'a' == 'a' : false")]
    [InlineData("(1 > 2 ? 1 : 2) == 2")]
    [InlineData("(false ? 1 : 2.5) == 2.5")]
    [InlineData("nil == nil and 'a' != nil and (nil ?? 'a') == 'a' and ('b' ?? 'a') == 'b'")]
    [InlineData("len('abc') == 3 and len([1, 2]) == 2 and len(split('a.b.c', '.')) == 3")]
    [InlineData("lower('AbC') == 'abc' and upper('AbC') == 'ABC'")]
    [InlineData("trim('  a ') == 'a' and trim('__a__', '_') == 'a'")]
    [InlineData("trimPrefix('abc', 'a') == 'bc' and trimSuffix('abc', 'c') == 'ab' and trimSuffix('abc', 'x') == 'abc'")]
    [InlineData("hasPrefix('abc', 'ab') and hasSuffix('abc', 'bc')")]
    [InlineData("indexOf('abcb', 'b') == 1 and lastIndexOf('abcb', 'b') == 3 and indexOf('a', 'x') == -1")]
    [InlineData("replace('aXbX', 'X', '--') == 'a--b--' and replace('abc', 'x', 'y') == 'abc'")]
    [InlineData("repeat('ab', 3) == 'ababab' and repeat('ab', 0) == ''")]
    [InlineData("split('a.b.c', '.')[1] == 'b' and split('a.b.c', '.')[-1] == 'c'")]
    [InlineData("'b' in split('a.b', '.') and '' in split('a.', '.')")]
    [InlineData("[1, 2, 3][0] == 1 and ['a'][0] == 'a' and [true][0] and [1.5][0] == 1.5")]
    [InlineData("'abcdef'[1:3] == 'bc' and 'abc'[:-1] == 'ab' and 'abc'[1:] == 'bc'")]
    [InlineData("int('42') == 42 and int(1.9) == 1 and float('1.5') == 1.5 and string(42) == '42' and string(true) == 'true'")]
    [InlineData("abs(-3) == 3 and ceil(1.2) == 2 and floor(1.8) == 1 and round(1.5) == 2 and min(1, 2) == 1 and max(1, 2) == 2")]
    [InlineData("any([1, 2, 3], # > 2) and not any([1, 2], # > 2)")]
    [InlineData("all([1, 2], {# > 0}) and none(['a'], # == 'b') and one(1..5, # == 3) and count(1..5, # > 3) == 2")]
    [InlineData("'AbC' | lower() == 'abc'")]
    [InlineData("('a.b.' | trimSuffix('.') | split('.'))[1] == 'b'")]
    [InlineData("\"a\\tb\" == 'a\tb' and '\\u0041' == 'A' and '\\x41' == 'A' and `\\n` == '\\\\n'")]
    [InlineData("[1, 2, ] | len() == 2")]
    [InlineData("0o17 == 15 and '\\U0001F600' == '\U0001F600' and max(2, 1.5) == 2")]
    [InlineData("1 + 2 ?? 9 == 3 and not (1 == 2) and -2 ** 2 == -4 and 2 * 3 .. 7 == [6, 7]")]
    [InlineData("true ? 1 == 1 : 'a' == 'b'")]
    [InlineData("len(1..65536) == 65536 and 65535 in 0..65535 and (5..1) == []")]
    [InlineData("any([1, 2], any([2, 3], # == 2)) and trim(' ') == '' and trim('xx', 'x') == ''")]
    [InlineData("[[1], 'a'] == [[1], 'a'] and first(split('a.b', '.')) == 'a' and 'äb'[0] == 'ä'")]
    public void Values_are_what_the_language_says(string text) => Assert.True(IsTrue(text));

    [Theory]
    [InlineData("1 % 0 == 0")]
    [InlineData("[1, 2][5] == 0 or true")]
    [InlineData("int('x') == 0 or true")]
    [InlineData("incidr('nowhere', '10.0.0.0/8') or true")]
    [InlineData("len(repeat('abc', 50000)) == 0 or true")]
    [InlineData("any(1..5000000, # == 1) or true")]
    [InlineData("1")]
    [InlineData("'true'")]
    public void What_has_no_value_is_not_true(string text) => Assert.False(IsTrue(text));

    [Theory]
    [InlineData("name() == 'www.example.org.'")]
    [InlineData("type() == 'AAAA' and class() == 'IN'")]
    [InlineData("client_ip() == '2001:db8::5' and port() == '4000'")]
    [InlineData("server_ip() == '192.0.2.53' and server_port() == '53'")]
    [InlineData("proto() == 'udp' and do() and id() == 7 and opcode() == 0")]
    [InlineData("size() == 44 and bufsize() == 4096")]
    [InlineData("incidr(client_ip(), '2001:db8::/32') and not incidr(client_ip(), '0.0.0.0/0') and incidr(server_ip(), '192.0.2.0/24')")]
    [InlineData("incidr('10.1.2.3', '10.0.0.0/8') and not incidr('11.1.2.3', '10.0.0.0/8') and incidr('2001:db8::1' + '', '2001:db8::/64')")]
    [InlineData("incidr(server_ip(), '::ffff:192.0.2.0/120')")]
    [InlineData("metadata('nobody/knows') == ''")]
    [InlineData("split(name(), '.')[1] == 'example'")]
    public void Functions_tell_of_the_query(string text) => Assert.True(IsTrue(text));

    [Theory]
    [InlineData("name() ==", 9, "a value is expected before the end")]
    [InlineData("nam() == 'a'", 0, "there is no function 'nam'; did you mean 'name'?")]
    [InlineData("name == 'a'", 0, "'name' is a function: write name()")]
    [InlineData("name('a') == 'b'", 0, "'name' takes 0 argument(s), not 1")]
    [InlineData("lower(1) == 'b'", 0, "'lower' takes string, not int, as argument 1")]
    [InlineData("true && 1", 5, "'&&' does not fit bool and int")]
    [InlineData("true true", 5, "an operator or the end is expected, not 'true'")]
    [InlineData("'\\q' == 'a'", 1, "an escape must be")]
    [InlineData("'a' not == 'b'", 4, "between two values 'not' stands before")]
    [InlineData("incidr(client_ip(), '10.0.0/8')", 0, "'10.0.0/8' is not a network such as '10.0.0.0/8' or '2001:db8::/32'")]
    [InlineData("incidr(client_ip(), '10.0.0.1')", 0, "'10.0.0.1' is not a network such as '10.0.0.0/8' or '2001:db8::/32'")]
    [InlineData("any([1], 1)", 9, "'any' asks each element something true or false, not int")]
    [InlineData("1 ? 2 : 3", 2, "before '?' something true or false is expected, not int")]
    [InlineData("0q1 == 1", 0, "'0q1' is not a number")]
    [InlineData("0o18 == 1", 0, "'0o18' is not a number")]
    public void What_is_wrong_is_said_with_its_place(string text, int position, string error)
    {
        Assert.False(Expression.TryParse(text, new ExpressionEnvironment(QueryFunctions.All), out _, out ExpressionProblem? problem));
        Assert.StartsWith(error, problem.Message, StringComparison.Ordinal);
        Assert.Equal(position, problem.Offset);
    }

    [Fact]
    public void Expressions_that_never_end_are_refused()
    {
        Assert.False(Expression.TryParse(new string('(', 5_000), new ExpressionEnvironment(QueryFunctions.All), out _, out ExpressionProblem? problem));
        Assert.StartsWith("an expression must not nest deeper than", problem.Message, StringComparison.Ordinal);
        Assert.False(Expression.TryParse(new string('(', 100_000), new ExpressionEnvironment(QueryFunctions.All), out _, out problem));
        Assert.StartsWith("an expression must not be longer than", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_an_expression_or_an_error()
    {
        string[] parts = ["name()", "type", "(", ")", "[", "]", "'a'", "1", "..", "in", "not", "==", "&&", "?", ":", "|", "#", "any(", ",", "-", "matches", "nil", "{", "}", "??", "**", "2.5", "true"];
        var random = new Random(7);
        DnsQuery query = Query();
        for (int i = 0; i < 50_000; i++)
        {
            string text = string.Join(' ', Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)]));
            if (Expression.TryParse(text, new ExpressionEnvironment(QueryFunctions.All), out Expression? expression, out ExpressionProblem? problem))
            {
                expression.IsTrueOf(query);
            }
            else
            {
                Assert.InRange(problem.Offset, 0, text.Length);
            }
        }
    }

    [Theory]
    [InlineData("incidr(client_ip(), '2001:db8::/32') and type() in ['A', 'AAAA'] and name() endsWith '.example.org.' and client_ip() != '::' "
        + "and name() matches '^www\\\\..*\\\\.$' and (lower(name()) | split('.'))[0] == 'www' and any(['a.', 'org.'], name() endsWith #) and size() + 1 < 512", true)]
    [InlineData("let parts = split(name(), '.'); join(filter(parts, len(#) > 3), '-') == 'example' and len(map(parts, upper(#))) == 4 and string(size()) == '44'", true)]
    [InlineData("int(port()) in 1024..65535 and replace(name(), '.', '-') + repeat('x', 3) == 'www-example-org-xxx' and [1, size()][1] > 1", true)]
    [InlineData("split(name(), '.')[7] == 'x'", false)]
    [InlineData("int(name()) == 5", false)]
    public void Nothing_is_allocated(string text, bool isTrue)
    {
        Expression expression = Parse(text);
        DnsQuery query = Query();
        Assert.Equal(isTrue, expression.IsTrueOf(query));
        AllocationAssert.None(() => expression.IsTrueOf(query));
    }

    private static bool IsTrue(string text)
    {
        Expression expression = Parse(text);
        Assert.True(expression.IsCondition || !expression.IsTrueOf(Query()));
        return expression.IsTrueOf(Query());
    }

    private static Expression Parse(string text) =>
        Expression.TryParse(text, new ExpressionEnvironment(QueryFunctions.All), out Expression? expression, out ExpressionProblem? problem) ? expression : throw new FormatException($"{problem.Offset}: {problem.Message}");

    private static DnsQuery Query()
    {
        DnsQuery query = new(512, 512);
        int length = query.WriteQuestion(DnsName.Parse("WWW.example.org.").View, DnsRecordType.AAAA, DnsRecordClass.IN, DnsHeader.RecursionDesiredFlag, dnssecOk: true);
        query.ReceiveBuffer[1] = 7;
        Assert.Equal(QueryVerdict.Accept, query.Begin(length, DnsTransport.Udp));
        query.Client = ClientAddress.From(new IPEndPoint(IPAddress.Parse("2001:db8::5"), 4000));
        query.Local = ClientAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.53"), 53));
        return query;
    }
}
