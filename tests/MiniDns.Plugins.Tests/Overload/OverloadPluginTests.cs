using MiniDns.Plugins.Overload;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Overload;

public sealed class OverloadPluginTests
{
    [Theory]
    [InlineData("overload", null, null, null)]
    [InlineData("overload 2000", 2000, null, null)]
    [InlineData("overload {\nclient_share 25%\n}", null, 25, null)]
    [InlineData("overload 64 {\nclient_share 100%\nreply servfail\n}", 64, 100, true)]
    [InlineData("overload {\nreply none\n}", null, null, false)]
    public void The_limits_are_set(string lines, int? most, int? share, bool? fails)
    {
        SnippetSetup setup = SnippetSetup.Run(new OverloadPlugin(), lines);
        Assert.Empty(setup.Errors);
        Assert.Equal((most, share, fails), (setup.Endpoint.MaxWaitingQueries, setup.Endpoint.ClientSharePercent, setup.Endpoint.FailsWhenOverloaded));
    }

    [Theory]
    [InlineData("overload many", "2:10: overload: 'many' is not a whole number from 64 to 1000000")]
    [InlineData("overload 63", "2:10: overload: '63' is not a whole number from 64 to 1000000")]
    [InlineData("overload 64 65", "2:13: overload: '65' is one argument too many")]
    [InlineData("overload {\nreply refused\n}", "3:7: overload: reply: 'refused' is not one of servfail, none")]
    [InlineData("overload\noverload", "3:1: overload: may be used once in a server block; it was already used at Corefile:2:1")]
    public void What_is_wrong_is_said(string lines, string error) =>
        Assert.Equal(["Corefile:" + error], SnippetSetup.Run(new OverloadPlugin(), lines).Errors);
}
