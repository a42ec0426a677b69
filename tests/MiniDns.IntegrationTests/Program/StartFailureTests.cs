using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Program;

/// <summary>What a user reads when the server cannot start.</summary>
public sealed class StartFailureTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    /// <summary>An ordinary user without a capability.</summary>
    private static readonly string[] Nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"];

    [Fact]
    public async Task All_errors_of_a_Corefile_are_told_with_their_places()
    {
        host.Directory.Write("bad.conf", """
            . {
                whoamy
                cache -10
                forward . not-an-address:99999
            }
            example.org:port {
                whoami
            }
            """);
        ToolResult result = await ServerProcess.RunAsync(host.Launch("-conf", "bad.conf"));
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.All(result.ErrorLines, l => Assert.Matches(@"^bad\.conf:\d+:\d+: \S", l));
        Assert.Contains(result.ErrorLines, l => l.StartsWith("bad.conf:2:5: ", StringComparison.Ordinal) && l.Contains("did you mean 'whoami'", StringComparison.Ordinal));
        Assert.Contains(result.ErrorLines, l => l.StartsWith("bad.conf:3:11: ", StringComparison.Ordinal) && l.Contains("-10", StringComparison.Ordinal));
        Assert.Contains(result.ErrorLines, l => l.StartsWith("bad.conf:4:15: ", StringComparison.Ordinal) && l.Contains("not-an-address:99999", StringComparison.Ordinal));
        Assert.Contains(result.ErrorLines, l => l.StartsWith("bad.conf:6:1: ", StringComparison.Ordinal) && l.Contains("port", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Corefile_that_does_not_exist_costs_one_line()
    {
        ToolResult result = await ServerProcess.RunAsync(host.Launch("-conf", "nowhere/Corefile"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("nowhere/Corefile", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task A_port_in_use_costs_one_line(string protocol)
    {
        host.Directory.Write("taken.conf", ".:5300 {\n whoami\n}\n");
        string socket = protocol == "udp" ? "SOCK_DGRAM" : "SOCK_STREAM";
        string script = $"import socket,sys; s=socket.socket(socket.AF_INET, socket.{socket}); s.bind(('0.0.0.0', 5300)); {(protocol == "tcp" ? "s.listen(); " : "")}print('bound', flush=True); import signal; signal.pause()";
        await using var other = new RunningProgram(host.Directory.Path, [.. host.Network.Exec, "/usr/bin/python3", "-c", script]);
        await other.LineAsync(l => l == "bound");

        ToolResult result = await ServerProcess.RunAsync(host.Launch("-conf", "taken.conf"));
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        string line = Assert.Single(result.ErrorLines);
        Assert.Matches(@"^taken\.conf:1:1: listen .*:5300: the address is already in use$", line);
    }

    [Fact]
    public async Task A_second_server_on_the_same_port_is_refused()
    {
        host.Directory.Write("twice.conf", ".:5301 {\n whoami\n}\n");
        await using ServerProcess first = await ServerProcess.StartAsync(host.Launch("-conf", "twice.conf"));
        ToolResult result = await ServerProcess.RunAsync(host.Launch("-conf", "twice.conf"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(":5301: the address is already in use", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_port_of_a_page_in_use_costs_one_line()
    {
        host.Directory.Write("page.conf", ".:5302 {\n health :5303 {\n }\n}\n.:5303 {\n whoami\n}\n");
        ToolResult result = await ServerProcess.RunAsync(host.Launch("-conf", "page.conf"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("5303: the address is already in use", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_not_permitted_costs_one_line()
    {
        using var copy = new TestDirectory();
        copy.CopyFrom(Repository.ServerDirectory);
        host.Directory.Write("low.conf", ".:53 {\n whoami\n}\n");
        ToolResult result = await ServerProcess.RunAsync(host.Launch("-conf", "low.conf") with
        {
            Prefix = [.. host.Network.Exec, .. Nobody],
            Program = [Repository.DotnetHost, copy["minidns.dll"]],
        });
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        string line = Assert.Single(result.ErrorLines);
        Assert.Matches(@"^low\.conf:1:1: listen .*:53: permission denied", line);
        Assert.Contains("CAP_NET_BIND_SERVICE", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_the_machine_gets_later_is_waited_for()
    {
        host.Directory.Write("other.conf", ".:5304 {\n bind 192.0.2.77\n whoami\n}\n");
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "other.conf"));
        await server.LineAsync(l => l.Contains("other.conf:1:1: this machine does not have the address 192.0.2.77 (yet)", StringComparison.Ordinal));
        (await host.Network.RunAsync("ip", "address", "add", "192.0.2.77/32", "dev", "lo")).Succeeded();
        foreach (string transport in (string[])["+notcp", "+tcp"])
        {
            ToolResult reply = await host.Network.RunAsync("dig", "@192.0.2.77", "-p", "5304", "+tries=1", transport, "example.org");
            Assert.Contains("status: NOERROR", reply.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Addresses_that_an_interface_gets_or_loses_later_are_followed()
    {
        (await host.Network.RunAsync("ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1")).Succeeded();
        await host.Network.SetKernelParameterAsync("net/ipv6/conf/late0/disable_ipv6", "1");
        (await host.Network.RunAsync("ip", "link", "set", "late0", "up")).Succeeded();
        host.Directory.Write("late.conf", ".:5305 {\n bind late0 127.0.0.1\n whoami\n}\n");
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "late.conf"));
        await server.LineAsync(l => l.Contains("late.conf:2:7: warning: bind: the interface 'late0' has no address (yet)", StringComparison.Ordinal));
        foreach (string address in (string[])["192.0.2.91", "192.0.2.92"])
        {
            (await host.Network.RunAsync("ip", "address", "add", address + "/32", "dev", "late0")).Succeeded();
            await Eventually.TrueAsync(async () => await AnswersAsync(address), () => server.Transcript);
        }

        (await host.Network.RunAsync("ip", "address", "del", "192.0.2.91/32", "dev", "late0")).Succeeded();
        await Eventually.TrueAsync(
            async () => !(await host.Network.RunAsync("ss", "-Hlun", "sport = :5305")).Output.Contains("192.0.2.91", StringComparison.Ordinal),
            () => server.Transcript);
        Assert.True(await AnswersAsync("127.0.0.1"), server.Transcript);

        async Task<bool> AnswersAsync(string server) =>
            (await host.Network.RunAsync("dig", "@" + server, "-p", "5305", "+tries=1", "+time=1", "example.org")).Output.Contains("status: NOERROR", StringComparison.Ordinal);
    }
}
