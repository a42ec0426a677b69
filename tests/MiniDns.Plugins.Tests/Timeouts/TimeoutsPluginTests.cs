using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.Timeouts;

namespace MiniDns.Plugins.Tests.Timeouts;

public sealed class TimeoutsPluginTests
{
    [Theory]
    [InlineData("read 30s", 30, null, null, null)]
    [InlineData("read 1m\n write 2m", 60, 120, null, null)]
    [InlineData("idle 1h", null, null, 3600, null)]
    [InlineData("read 10\n write 20\n idle 60", 10, 20, 60, null)]
    [InlineData("maxtcpqueries 128", null, null, null, 128)]
    [InlineData("maxtcpqueries -1", null, null, null, null)]
    [InlineData("read 10s\n maxtcpqueries 128", 10, null, null, 128)]
    [InlineData("read 1s\n idle 24h", 1, null, 86400, null)]
    public void Limits_are_set(string body, int? read, int? write, int? idle, int? queries)
    {
        SnippetSetup setup = SnippetSetup.Run(new TimeoutsPlugin(), $"timeouts {{\n {body}\n}}");
        Assert.Empty(setup.Errors);
        Assert.Equal(read, setup.Endpoint.ReadTimeout?.TotalSeconds);
        Assert.Equal(write, setup.Endpoint.WriteTimeout?.TotalSeconds);
        Assert.Equal(idle, setup.Endpoint.IdleTimeout?.TotalSeconds);
        Assert.Equal(queries, setup.Endpoint.MaxStreamQueries);
    }

    [Theory]
    [InlineData("timeouts", "2:1: timeouts: at least one of")]
    [InlineData("timeouts {\n}", "2:1: timeouts: at least one of")]
    [InlineData("timeouts 10s {\n read 10s\n}", "2:10: timeouts: takes no arguments")]
    [InlineData("timeouts {\n read 10s\n giraffe 30s\n}", "4:2: timeouts: unknown property 'giraffe'")]
    [InlineData("timeouts {\n read 10s 20s\n write 30s\n}", "3:11: timeouts: read: '20s' is one argument too many")]
    [InlineData("timeouts {\n write snake\n}", "3:8: timeouts: write: 'snake' is not a duration from 1s to 24h0m0s")]
    [InlineData("timeouts {\n idle 0s\n}", "3:7: timeouts: idle: '0s' is not a duration from 1s to 24h0m0s")]
    [InlineData("timeouts {\n read 48h\n}", "3:7: timeouts: read: '48h' is not")]
    [InlineData("timeouts {\n maxtcpqueries 0\n}", "3:16: timeouts: maxtcpqueries: '0' is not")]
    [InlineData("timeouts {\n maxtcpqueries -2\n}", "3:16: timeouts: maxtcpqueries: '-2' is not")]
    [InlineData("timeouts {\n maxtcpqueries snake\n}", "3:16: timeouts: maxtcpqueries: 'snake' is not")]
    public void What_is_wrong_is_said(string lines, string error) =>
        Assert.StartsWith("Corefile:" + error, Assert.Single(SnippetSetup.Run(new TimeoutsPlugin(), lines).Errors), StringComparison.Ordinal);
}
