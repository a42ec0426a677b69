using System.Text.RegularExpressions;
using MiniDns.Configuration;

namespace MiniDns.Core.Tests.Configuration;

public sealed class GoRegexTests
{
    [Theory]
    [InlineData("^read udp .* i/o timeout$", "read udp 10.0.0.1:53->8.8.8.8:53: i/o timeout", true)]
    [InlineData("timeout$", "timeout\n", false)]
    [InlineData("(?m)^b$", "a\nb\nc", true)]
    [InlineData("^b$", "a\nb\nc", false)]
    [InlineData("a.c", "a\nc", false)]
    [InlineData("(?s)a.c", "a\nc", true)]
    [InlineData("(?i)ABC", "xabcx", true)]
    [InlineData("(?i:A)b", "aB", false)]
    [InlineData("^[[:alpha:]]+$", "abcXYZ", true)]
    [InlineData("^[[:alpha:]]+$", "abc1", false)]
    [InlineData("^[[:^digit:]x]+$", "abc-", true)]
    [InlineData("^[[:^digit:]]+$", "a1", false)]
    [InlineData("^\\d+$", "\u0661", false)]
    [InlineData("^\\w+$", "\u00E9", false)]
    [InlineData("^[^\\d]$", "x", true)]
    [InlineData("^[\\W]$", "\u00E9", true)]
    [InlineData("^\\s$", "\v", false)]
    [InlineData("^\\pL+$", "\u00E9a", true)]
    [InlineData("^\\PL$", "1", true)]
    [InlineData("^\\p{Lu}$", "a", false)]
    [InlineData("^\\p{^Lu}$", "a", true)]
    [InlineData("^\\x41\\x{42}\\103$", "ABC", true)]
    [InlineData("^\\Qa.b*\\E$", "a.b*", true)]
    [InlineData("^\\Qa.b*\\E$", "axbb", false)]
    [InlineData("^\\Q[(", "[(", true)]
    [InlineData("^a{2}$", "aa", true)]
    [InlineData("^a{,2}$", "a{,2}", true)]
    [InlineData("^[]a]+$", "]a", true)]
    [InlineData("^[a-c-[b]+$", "[-b", true)]
    [InlineData("^\\.\\/\\-$", "./-", true)]
    [InlineData("(?P<host>[a-z]+)\\.example", "www.example", true)]
    [InlineData("a\\b", "a b", true)]
    public void An_expression_means_what_Go_says(string pattern, string text, bool matches)
    {
        Assert.True(GoRegex.TryParse(pattern, out GoRegex? regex, out string? error), error);
        Assert.Equal(matches, regex.Regex.IsMatch(text));
        Assert.Equal(pattern, regex.ToString());
    }

    [Fact]
    public void Groups_are_numbered_by_their_parentheses()
    {
        Assert.True(GoRegex.TryParse("(?P<first>a)(b)(?:c)(?<third>d)", out GoRegex? regex, out _));
        Match match = regex.Regex.Match("abcd");
        Assert.Equal(["abcd", "a", "b", "d"], Enumerable.Range(0, 4).Select(i => match.Groups[i].Value));
        Assert.Equal(["", "first", "", "third"], regex.GroupNames);
    }

    [Theory]
    [InlineData("(?U)(a+)(a*)", "a", "aa")]
    [InlineData("(a+)(a*)", "aaa", "")]
    [InlineData("(?U)(a+?)(a*)", "aaa", "")]
    [InlineData("(?U:(a+))(a*)", "a", "aa")]
    public void The_flag_U_swaps_greed(string pattern, string first, string second)
    {
        Assert.True(GoRegex.TryParse(pattern + "$", out GoRegex? regex, out string? error), error);
        Match match = regex.Regex.Match("aaa");
        Assert.Equal((first, second), (match.Groups[1].Value, match.Groups[2].Value));
    }

    [Theory]
    [InlineData("())")]
    [InlineData("(")]
    [InlineData("[a")]
    [InlineData("[[:nothing:]]")]
    [InlineData("a**")]
    [InlineData("*a")]
    [InlineData("(?=a)")]
    [InlineData("(?<!a)b")]
    [InlineData("(?>a)")]
    [InlineData("(a)\\1")]
    [InlineData("\\Z")]
    [InlineData("a\\")]
    [InlineData("(?x)a")]
    [InlineData("(?P<>a)")]
    [InlineData("(?P<a>a)(?P<a>b)")]
    [InlineData("\\xZZ")]
    [InlineData("\\x{110000}")]
    [InlineData("[b-a]")]
    [InlineData("\\p{NoSuchClass}")]
    [InlineData("((a{900}){900}){900}")]
    public void What_Go_refuses_is_refused(string pattern)
    {
        Assert.False(GoRegex.TryParse(pattern, out _, out string? error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void An_expression_is_at_most_10000_characters_long()
    {
        Assert.True(GoRegex.TryParse(new string('a', 9_000), out _, out string? error), error);
        Assert.False(GoRegex.TryParse(new string('a', 10_001), out _, out _));
    }
}
