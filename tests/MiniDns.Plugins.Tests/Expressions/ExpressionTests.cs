using System.Net;
using MiniDns.Plugins.Expressions;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Expressions;

public sealed class ExpressionTests
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
    public void Values_are_what_the_language_says(string text) => Assert.True(IsTrue(text));

    [Theory]
    [InlineData("1 % 0 == 0")]
    [InlineData("[1, 2][5] == 0 or true")]
    [InlineData("int('x') == 0 or true")]
    [InlineData("incidr('nowhere', '10.0.0.0/8') or true")]
    [InlineData("len(repeat('abc', 5000)) == 0 or true")]
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
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1:0:0:2::3", "1:0:0:2::3")]
    [InlineData("1::2:0:0:3", "1::2:0:0:3")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("fe80::", "fe80::")]
    [InlineData("255.0.10.1", "255.0.10.1")]
    public void Rfc5952_4_addresses_are_written_as_short_as_can_be(string address, string expected)
    {
        char[] text = new char[65];
        Assert.Equal(expected, new string(text, 0, QueryFunctions.FormatAddress(ClientAddress.From(new IPEndPoint(IPAddress.Parse(address), 0)), text)));
    }

    [Theory]
    [InlineData("", 0, "a value is expected, not the end")]
    [InlineData("name() ==", 9, "a value is expected, not the end")]
    [InlineData("invalid expression", 0, "'invalid' is not known")]
    [InlineData("nam() == 'a'", 0, "there is no function 'nam'; did you mean 'name'?")]
    [InlineData("name == 'a'", 0, "'name' is not known; write 'name()'")]
    [InlineData("name() == 1", 7, "'==' is not for a text and a whole number")]
    [InlineData("name('a') == 'b'", 0, "'name' takes 0 argument(s), not 1")]
    [InlineData("lower(1) == 'b'", 0, "argument 1 of 'lower' is a text, not a whole number")]
    [InlineData("true && 1", 5, "'&&' is not for a truth value and a whole number")]
    [InlineData("!1", 0, "a truth value is expected after '!', not a whole number")]
    [InlineData("(true", 5, "')' is expected, not the end")]
    [InlineData("true true", 5, "an operator is expected, not 'true'")]
    [InlineData("'a", 0, "the text that begins with ' has no end")]
    [InlineData("'\\q' == 'a'", 1, "'\\q' is no escape; write '\\\\' for a backslash")]
    [InlineData("true @ false", 5, "'@' has no meaning here")]
    [InlineData("'a' matches '('", 4, "'(': ")]
    [InlineData("'a' matches name()", 4, "a regular expression in quotes is expected after 'matches'")]
    [InlineData("incidr(client_ip(), '10.0.0/8')", 0, "'10.0.0/8' is not a network such as '10.0.0.0/8' or '2001:db8::/32'")]
    [InlineData("incidr(client_ip(), name())", 0, "a network such as")]
    [InlineData("# == 1", 0, "'#' stands for an element")]
    [InlineData("any(1, # == 1)", 0, "'any' is for a list, not for a whole number")]
    [InlineData("true ? 1 : 'a'", 5, "both sides of ':' have to be of one kind, not a whole number and a text")]
    [InlineData("[1] == [1]", 4, "'==' is not for a list and a list")]
    [InlineData("0q1 == 1", 0, "'0q1' is not a number")]
    public void What_is_wrong_is_said_with_its_place(string text, int position, string error)
    {
        Assert.False(Expression.TryParse(text, out _, out string? found, out int place));
        Assert.StartsWith(error, found, StringComparison.Ordinal);
        Assert.Equal(position, place);
    }

    [Fact]
    public void Expressions_that_never_end_are_refused()
    {
        Assert.False(Expression.TryParse(new string('(', 100_000), out _, out string? error, out _));
        Assert.StartsWith("the expression is nested deeper than", error, StringComparison.Ordinal);
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
            if (Expression.TryParse(text, out Expression? expression, out _, out int position))
            {
                expression.IsTrueOf(query);
            }
            else
            {
                Assert.InRange(position, 0, text.Length);
            }
        }
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        const string Text = "incidr(client_ip(), '2001:db8::/32') and type() in ['A', 'AAAA'] and name() endsWith '.example.org.' and client_ip() != '::' "
            + "and name() matches '^www\\\\..*\\\\.$' and (lower(name()) | split('.'))[0] == 'www' and any(['a.', 'org.'], name() endsWith #) and size() + 1 < 512";
        Assert.True(Expression.TryParse(Text, out Expression? expression, out string? error, out _), error);
        DnsQuery query = Query();
        Assert.True(expression.IsTrueOf(query));
        AllocationAssert.None(() => expression.IsTrueOf(query));
    }

    private static bool IsTrue(string text)
    {
        Assert.True(Expression.TryParse(text, out Expression? expression, out string? error, out _), error);
        return expression.IsTrueOf(Query());
    }

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
