using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.NameLists;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Tests.NameLists;

public sealed class ListTextTests
{
    private const ListRule Tree = ListRule.Exact | ListRule.Below;

    [Theory]
    [InlineData("0.0.0.0 ads.example.org", "ads.example.org. Exact")]
    [InlineData("127.0.0.1\tads.example.org ADS.example.net # two", "ads.example.org. Exact|ads.example.net. Exact")]
    [InlineData("::1 ads.example.org", "ads.example.org. Exact")]
    [InlineData("192.0.2.7 ads.example.org.", "ads.example.org. Exact")]
    [InlineData("0.0.0.0 localhost", "")]
    [InlineData("0.0.0.0 0.0.0.0", "")]
    [InlineData("example.org", "example.org. Exact, Below")]
    [InlineData("  Example.ORG.  # why", "example.org. Exact, Below")]
    [InlineData(".example.org", "example.org. Exact, Below")]
    [InlineData("*.example.org", "example.org. Below")]
    [InlineData("zip", "zip. Exact, Below")]
    [InlineData("_dmarc.my-example.org", "_dmarc.my-example.org. Exact, Below")]
    [InlineData("||example.org^", "example.org. Exact, Below")]
    [InlineData("||example.org", "example.org. Exact, Below")]
    [InlineData("||example.org^|", "example.org. Exact, Below")]
    [InlineData("||example.org^$important", "example.org. Exact, Below")]
    [InlineData("||*.example.org^", "example.org. Below")]
    [InlineData("@@||example.org^", "example.org. Exact, Below, Allow")]
    [InlineData("@@||*.example.org^", "example.org. Below, Allow")]
    [InlineData("# comment\n! comment\n[Adblock Plus 2.0]\n; comment\n\n \r\n", "")]
    [InlineData("\uFEFFexample.org\r\nexample.net", "example.org. Exact, Below|example.net. Exact, Below")]
    public void Every_format_is_read(string text, string expected)
    {
        (ListSummary summary, string[] rules) = Read(text);
        Assert.Empty(summary.Kept);
        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries), rules);
        Assert.Equal((rules.Length, 0, 0), (summary.Names, summary.Malformed, summary.Unsupported));
    }

    [Theory]
    [InlineData("example.org##.banner")]
    [InlineData("||example.org/ads^")]
    [InlineData("||example.org^$third-party")]
    [InlineData("||exam*ple.org^")]
    [InlineData("|https://example.org|")]
    [InlineData("/banner[0-9]+/")]
    [InlineData("@@/path")]
    [InlineData("https://example.org/x")]
    public void What_does_not_concern_DNS_is_counted(string text)
    {
        (ListSummary summary, string[] rules) = Read(text);
        Assert.Empty(rules);
        Assert.Equal((0, 0, 1), (summary.Names, summary.Malformed, summary.Unsupported));
    }

    [Theory]
    [InlineData("0.0.0.0", 1, 8, "a name is expected behind the address")]
    [InlineData("\n  0.0.0.0 good.org ba..d.org", 2, 20, "'ba..d.org' is not a name: a label must not be empty")]
    [InlineData("\u00FCber.example", 1, 1, "a name with letters other than ASCII is written in its xn-- form")]
    [InlineData("example.org example.net", 1, 13, "one name is expected on a line")]
    [InlineData("||exa&mple.org^", 1, 3, "a name must not hold '&'")]
    [InlineData("@@||^", 1, 5, "a name is expected")]
    [InlineData("<html>", 1, 1, "a name must not hold '<'")]
    [InlineData("*.*.example.org", 1, 3, "a name must not hold '*'")]
    [InlineData("a23456789b23456789c23456789d23456789e23456789f23456789g23456789h234.org", 1, 1, "a label must not be longer than 63 octets")]
    public void What_is_malformed_is_told_with_its_place(string text, int line, int column, string message)
    {
        ListSummary summary = Read(text).Summary;
        Assert.Equal(1, summary.Malformed);
        Assert.Equal((line, column), (summary.Kept[0].Line, summary.Kept[0].Column));
        Assert.Contains(message, summary.Kept[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_malformed_lines_ten_are_kept()
    {
        ListSummary summary = Read(string.Concat(Enumerable.Repeat("<p>\n", 500))).Summary;
        Assert.Equal((500, 10, true), (summary.Malformed, summary.Kept.Count, summary.IsNoList));
    }

    [Fact]
    public void Whatever_comes_it_gives_names_or_says_why_not() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), octets =>
        {
            bool areNames = true;
            ListText.Read(octets, (wire, _) => areNames &= DnsNameView.TryRead(wire, out DnsNameView name) && name.Length == wire.Length && !name.IsRoot);
            return areNames;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_written_is_read() =>
        Prop.ForAll(Arb.From(Gen.Elements("a", "b-c", "x_y", "0", "example", "org").ArrayOf()), labels =>
        {
            // What ends in a number may be an address.
            string name = string.Join('.', labels.Take(20).Append("org"));
            return Read($"||{name}^\n0.0.0.0 {name}\n{name}").Rules.SequenceEqual([$"{name}. {Tree}", $"{name}. Exact", $"{name}. {Tree}"]);
        }).QuickCheckThrowOnFailure();

    private static (ListSummary Summary, string[] Rules) Read(string text)
    {
        List<string> rules = [];
        ListSummary summary = ListText.Read(Encoding.UTF8.GetBytes(text), (wire, rule) =>
        {
            rules.Add($"{new DnsNameView(wire).ToString()} {rule}");
            return true;
        });
        return (summary, [.. rules]);
    }
}
