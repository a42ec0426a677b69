using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Program;

/// <summary>Lines on standard output have CoreDNS's format, which people's tools read.</summary>
public sealed class LogLineTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("+notcp", "+bufsize=1400", @"^\[INFO\] 127\.0\.0\.1:\d+ - \d+ ""A IN web\.mycompany\.com\. udp 58 false 1400"" NOERROR qr,aa,rd \d+ \d+(\.\d+)?s$")]
    [InlineData("+tcp", "+dnssec", @"^\[INFO\] 127\.0\.0\.1:\d+ - \d+ ""A IN web\.mycompany\.com\. tcp 58 true 65535"" NOERROR qr,aa,rd \d+ \d+(\.\d+)?s$")]
    public async Task A_query_costs_one_line(string transport, string option, string expected)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n log\n hosts {\n 10.0.0.1 web.mycompany.com\n }\n}\n");
        DigReply.Parse(await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", transport, option, "web.mycompany.com"));
        Assert.Matches(expected, await server.LineAsync(l => l.Contains("web.mycompany.com", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_failure_costs_one_line()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n errors\n forward . 127.0.0.1:1 {\n max_fails 0\n }\n}\n");
        DigReply reply = DigReply.Parse(await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", "+timeout=20", "www.example.org"));
        Assert.Equal("SERVFAIL", reply.Code);
        Assert.Matches(@"^\[ERROR\] plugin/errors: 2 www\.example\.org\. A: \S", await server.LineAsync(l => l.Contains("plugin/errors", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_doubtful_Corefile_starts_with_a_warning()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n hosts missing.hosts\n}\n");
        Assert.Matches(@"^\[WARNING\] .*missing\.hosts", await server.LineAsync(l => l.StartsWith("[WARNING]", StringComparison.Ordinal)));
    }
}
