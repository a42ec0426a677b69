using MiniDns.Plugins.Rewrite;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Rewrite;

public sealed class RewriteSetupTests
{
    [Theory]
    [InlineData("name a.com b.com")]
    [InlineData("name exact a.com b.com")]
    [InlineData("continue name prefix a b")]
    [InlineData("stop name suffix a.com b.com answer auto")]
    [InlineData("STOP NAME SUBSTRING a b answer name (a)b {1} answer value (a)b {0}")]
    [InlineData("name regex (.*)\\.a\\.com {1}.b.com answer name (.*) {1} value (.*) {1}")]
    [InlineData("name regex a b answer auto value (.*) {1}")]
    [InlineData("stop {\n name suffix .arpa .arpa\n answer name auto\n answer value (.*)\\.consul\\. {1}.example.org.\n}")]
    [InlineData("continue {\n ttl regex (.*)\\.example\\.org 15\n}")]
    [InlineData("type any a")]
    [InlineData("type TYPE65280 TXT")]
    [InlineData("class ch in")]
    [InlineData("ttl a.com 30-")]
    [InlineData("ttl suffix a.com -30")]
    [InlineData("ttl exact a.com 2-2")]
    [InlineData("rcode a.com 2 NOERROR")]
    [InlineData("continue rcode substring a servfail 3")]
    [InlineData("cname a.com b.com")]
    [InlineData("cname regex (.*)\\.A\\.com\\. {1}.b.com.")]
    [InlineData("edns0 local set 0xffee 0xabcd")]
    [InlineData("edns0 local append 65518 {qname} revert")]
    [InlineData("edns0 local replace 0xffee {plugin/label}")]
    [InlineData("edns0 local unset 0b11")]
    [InlineData("edns0 nsid set revert")]
    [InlineData("edns0 nsid unset")]
    [InlineData("edns0 subnet set 24 56 revert")]
    [InlineData("edns0 subnet unset")]
    public void What_is_right_is_accepted(string rule) => Assert.Empty(SnippetSetup.Run(new RewritePlugin(), "rewrite " + rule).Errors);

    [Theory]
    [InlineData("", "Corefile:2:1: rewrite: a rule is expected, such as 'name old.example.org new.example.org'")]
    [InlineData("stop", "Corefile:2:9: rewrite: a rule is expected, such as 'name old.example.org new.example.org'")]
    [InlineData("nmae a b", "Corefile:2:9: rewrite: 'nmae' is not one of name, type, class, edns0, ttl, cname, rcode; did you mean 'name'?")]
    [InlineData("answer name a b", "Corefile:2:9: rewrite: response rewrites must begin with a name rule: put 'name FROM TO' before 'answer'")]
    [InlineData("name a.com", "Corefile:2:9: rewrite: 'name' takes a name and another, such as 'name old.example.org new.example.org'")]
    [InlineData("name a..com b.com", "Corefile:2:14: rewrite: 'a..com' is not a domain name: a label must not be empty")]
    [InlineData("name prefx a b", "Corefile:2:14: rewrite: 'prefx' is not a kind of match: exact, prefix, suffix, substring or regex; it must be given when options follow; did you mean 'prefix'?")]
    [InlineData("name prefix a b c", "Corefile:2:25: rewrite: 'c' is one argument too many; only 'answer' may follow the two names")]
    [InlineData("name prefix a b answer", "Corefile:2:25: rewrite: 'auto', 'name FROM TO' or 'value FROM TO' is expected after 'answer'")]
    [InlineData("name regex a b answer name c d name e", "Corefile:2:40: rewrite: answer name: 2 arguments required, an expression and a name")]
    [InlineData("name regex a b answer auto name c d", "Corefile:2:43: rewrite: 'answer auto' and 'answer name' cannot be used together")]
    [InlineData("name regex (a {1}", "Corefile:2:20: rewrite: '(a' is not a regular expression: a ')' is missing")]
    [InlineData("name regex (a) {1}.{2}", "Corefile:2:24: rewrite: '{1}.{2}' names the group {2}, but the expression '(a)' has 1 of them")]
    [InlineData("type a", "Corefile:2:9: rewrite: 2 arguments are expected, not 1; write 'type FROM TO'")]
    [InlineData("class in xy", "Corefile:2:18: rewrite: 'xy' is not a class such as IN or CH")]
    [InlineData("ttl a.com 2-1", "Corefile:2:19: rewrite: '2-1' is not a number of seconds or a range such as 30-300, -300 or 30-")]
    [InlineData("ttl a.com -", "Corefile:2:19: rewrite: '-' is not a number of seconds or a range such as 30-300, -300 or 30-")]
    [InlineData("rcode a.com 24 0", "Corefile:2:21: rewrite: '24' is not a response code such as NXDOMAIN, or a number up to 23")]
    [InlineData("edns0 local zzzzz 1 2", "Corefile:2:21: rewrite: 'zzzzz' is not one of set, append, replace, unset")]
    [InlineData("edns0 lokal set 1 2", "Corefile:2:15: rewrite: 'lokal' is not 'local', 'nsid' or 'subnet'; did you mean 'local'?")]
    [InlineData("edns0 local set 65536 x", "Corefile:2:25: rewrite: '65536' is not an option code, such as 0xffee or 65518")]
    [InlineData("edns0 local set 1 0xabc", "Corefile:2:27: rewrite: '0xabc' is not an even number of hexadecimal digits after 0x")]
    [InlineData("edns0 local unset 1 revert", "Corefile:2:21: rewrite: write 'edns0 local unset CODE'")]
    [InlineData("edns0 nsid set junk", "Corefile:2:24: rewrite: 'junk' is one argument too many; write 'edns0 nsid set [revert]'")]
    [InlineData("edns0 subnet set 33 56", "Corefile:2:26: rewrite: '33' is not a prefix length for IPv4, 0 to 32")]
    public void What_is_wrong_is_said_with_its_place(string rule, string error) =>
        Assert.Equal([error], SnippetSetup.Run(new RewritePlugin(), "rewrite " + rule).Errors);

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        SnippetSetup setup = SnippetSetup.Run(new RewritePlugin(), "rewrite type xy wv\nrewrite name regex [ {1} answer name ( {2}\nrewrite name a b {\n x\n}");
        Assert.Equal(5, setup.Errors.Count);
        Assert.Contains("takes no block in braces", setup.Errors[4], StringComparison.Ordinal);
    }
}
