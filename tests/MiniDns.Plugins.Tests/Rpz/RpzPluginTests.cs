using MiniDns.Plugins.Rpz;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Rpz;

public sealed class RpzPluginTests
{
    [Theory]
    [InlineData("zones x", "3:1: rpz: unknown property 'zones'; did you mean 'zone'?")]
    [InlineData("zone a..b {\nfile x\n}", "3:6: rpz: zone: 'a..b' is not a domain name: ")]
    [InlineData("zone a {\nfile x\n}\nzone A {\nfile y\n}", "6:6: rpz: zone: there is a zone a. already")]
    [InlineData("zone a {\nlog\n}", "3:1: rpz: zone: where it comes from is missing")]
    [InlineData("zone a {\nfile x\npolicy nodate\n}", "5:8: rpz: zone: policy: 'nodate' is not one of given, disabled, passthru, drop, nxdomain, nodata, tcp-only, cname; did you mean 'nodata'?")]
    [InlineData("zone a {\nfile x\npolicy cname\n}", "5:8: rpz: zone: policy: a domain name is expected after 'cname'")]
    [InlineData("zone a {\nfile x\nmax_ttl 90000\n}", "5:9: rpz: zone: max_ttl: '90000' is not a whole number from 0 to 86400")]
    [InlineData("zone a {\nfile x\nede 18\n}", "5:5: rpz: zone: ede: '18' is not one of blocked, filtered, censored, prohibited, forged, none")]
    [InlineData("zone aa {\nfile x\n}\ngroup g 10.0.0.0/8 {\nzones ab\n}", "7:7: rpz: group: zones: there is no zone 'ab'")]
    [InlineData("zone a {\nfile x\n}\ngroup g 10.0.0.0/33", "6:9: rpz: group: '10.0.0.0/33' is not a network such as 192.0.2.0/24, nor an address")]
    public void What_is_wrong_is_said(string lines, string error) =>
        Assert.StartsWith("Corefile:" + error, Assert.Single(SnippetSetup.Run(new RpzPlugin(), "rpz {\n" + lines + "\n}").Errors), StringComparison.Ordinal);

    [Fact]
    public void A_directive_without_zones_is_doubtful() =>
        Assert.Single(SnippetSetup.Run(new RpzPlugin(), "rpz").Warnings);

    [Fact]
    public void There_can_be_64_zones()
    {
        string lines = string.Concat(Enumerable.Range(0, 65).Select(i => $"zone z{i} {{\nfile x\n}}\n"));
        Assert.Equal(["Corefile:2:1: rpz: there can be at most 64 zones, not 65"], SnippetSetup.Run(new RpzPlugin(), "rpz {\n" + lines + "}").Errors);
    }
}
