using MiniDns.Plugins.Ratelimit;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Ratelimit;

public sealed class RatelimitPluginTests
{
    [Theory]
    [InlineData("ratelimit many", "2:11: ratelimit: 'many' is not a whole number from 0 to 1000000")]
    [InlineData("ratelimit 5 6", "2:13: ratelimit: '6' is one argument too many")]
    [InlineData("ratelimit {\nresponse 5\n}", "3:1: ratelimit: unknown property 'response'; did you mean 'responses'?")]
    [InlineData("ratelimit {\nexempt 10.0.0.0/40\n}", "3:8: ratelimit: exempt: '10.0.0.0/40' is not a network such as 192.0.2.0/24, nor an address")]
    [InlineData("ratelimit {\nslip 11\n}", "3:6: ratelimit: slip: '11' is not a whole number from 0 to 10")]
    [InlineData("ratelimit {\nipv6_prefix 65\n}", "3:13: ratelimit: ipv6_prefix: '65' is not a whole number from 1 to 64")]
    [InlineData("ratelimit {\ncookie_secret 0123\n}", "3:15: ratelimit: cookie_secret: a secret is 32 hexadecimal digits")]
    [InlineData("ratelimit {\ncookies always\n}", "3:9: ratelimit: cookies: 'always' is not one of optional, required")]
    [InlineData("ratelimit\nratelimit", "3:1: ratelimit: may be used once in a server block; it was already used at Corefile:2:1")]
    public void What_is_wrong_is_said(string lines, string error) =>
        Assert.Equal(["Corefile:" + error], SnippetSetup.Run(new RatelimitPlugin(), lines).Errors);
}
