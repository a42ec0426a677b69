using System.Net;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Dns64;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Tests.Dns64;

public sealed class TranslationPrefixTests
{
    [Theory]
    [InlineData("2001:db8::/32", "2001:db8:c000:221::")]
    [InlineData("2001:db8:100::/40", "2001:db8:1c0:2:21::")]
    [InlineData("2001:db8:122::/48", "2001:db8:122:c000:2:2100::")]
    [InlineData("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::")]
    [InlineData("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::")]
    [InlineData("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33")]
    [InlineData("64:ff9b::/96", "64:ff9b::192.0.2.33")]
    public void Rfc6052_2_4_an_address_is_put_into_the_prefix(string text, string expected)
    {
        Assert.True(TranslationPrefix.TryParse(text, out TranslationPrefix? prefix));
        byte[] octets = new byte[16];
        prefix.Embed([192, 0, 2, 33], octets);
        Assert.Equal(IPAddress.Parse(expected), new IPAddress(octets));
        Assert.True(prefix.IsStandard);
    }

    [Theory]
    [InlineData("64:ff9b::/52")]
    [InlineData("64:ff9b::/104")]
    [InlineData("64:ff9b::/24")]
    [InlineData("64:ff9b::")]
    [InlineData("8.8.8.8/24")]
    [InlineData("foobar")]
    [InlineData("")]
    public void Anything_else_is_no_prefix(string text) => Assert.False(TranslationPrefix.TryParse(text, out _));

    [Fact]
    public void What_is_put_in_is_found_by_its_name()
    {
        string[] prefixes = ["64:ff9b::/96", "2001:db8::/32", "2001:db8:100::/40", "2001:db8:122::/48", "2001:db8:122:300::/56", "2001:db8:1:2::/64", "2001:db8:1:2::/72", "2001:db8:1:2::/88"];
        Prop.ForAll(
            Gen.Elements(prefixes).ToArbitrary(),
            Gen.Choose(0, 255).ArrayOf(4).ToArbitrary(),
            (text, numbers) =>
            {
                TranslationPrefix.TryParse(text, out TranslationPrefix? prefix);
                byte[] v4 = [.. numbers.Select(n => (byte)n)];
                byte[] v6 = new byte[16];
                prefix!.Embed(v4, v6);
                DnsName name = DnsName.Parse(string.Join('.', Convert.ToHexStringLower(v6).Reverse()) + ".ip6.arpa.");
                byte[] found = new byte[4];
                byte[] reverse = new byte[32];
                bool isFound = prefix.TryReadReverse(name.View, found);
                string written = new DnsNameView(reverse.AsSpan(0, TranslationPrefix.WriteReverse(v4, reverse))).ToString();
                return isFound && found.SequenceEqual(v4) && written == $"{v4[3]}.{v4[2]}.{v4[1]}.{v4[0]}.in-addr.arpa.";
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("1.0.0.0.ip6.arpa.")]
    [InlineData("ip6.arpa.")]
    [InlineData(".")]
    [InlineData("1.2.0.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.e.4.6.0.0.ip6.arpa.")]     // another prefix
    [InlineData("g.2.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa.")]     // no digit
    [InlineData("1.2.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.test.")]
    public void Other_names_are_left_alone(string name) => Assert.False(TranslationPrefix.WellKnown.TryReadReverse(DnsName.Parse(name).View, new byte[4]));
}
