using System.Globalization;
using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;
using MiniDns.Plugins;

namespace MiniDns.IntegrationTests.Program;

/// <summary>The flags, which are CoreDNS's.</summary>
public sealed class CommandLineTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    [Theory]
    [InlineData("-version")]
    [InlineData("--version")]
    public async Task Version_is_printed(string flag)
    {
        ToolResult result = (await ServerProcess.RunAsync(host.Launch(flag))).Succeeded();
        Assert.Matches(@"^MiniDns-\d+\.\d+\.\d+$", result.Lines[0]);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Plugins_are_listed_in_their_order()
    {
        ToolResult result = (await ServerProcess.RunAsync(host.Launch("-plugins"))).Succeeded();
        IEnumerable<string> listed = result.Lines.Where(l => l.StartsWith("  dns.", StringComparison.Ordinal)).Select(l => l["  dns.".Length..]);
        Assert.Equal(PluginOrder.All.Select(p => p.Name), listed);
    }

    [Theory]
    [InlineData("-conf", "named.conf", "-dns.port", "1053")]
    [InlineData("-conf=named.conf", "-dns.port=1053")]
    [InlineData("--conf", "named.conf", "--dns.port", "1053")]
    [InlineData("-p", "1053", "-conf", "named.conf")]
    [InlineData("-p=1053", "-conf=named.conf")]
    public async Task Corefile_and_port_are_given(params string[] arguments)
    {
        host.Directory.Write("named.conf", Answering("10.0.0.1"));
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch(arguments));
        Assert.Equal([".:1053"], server.Output.All.TakeWhile(l => l.StartsWith('.')));
        Assert.Equal(["A 10.0.0.1"], (await AskAsync("1053")).AnswerData);
    }

    [Fact]
    public async Task A_key_that_names_its_port_keeps_it()
    {
        host.Directory.Write("named.conf", "example.org:2053 {\n whoami\n}\nexample.net {\n whoami\n}\n");
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "named.conf", "-dns.port", "1053"));
        Assert.Equal(["example.org.:2053", "example.net.:1053"], server.Output.All.TakeWhile(l => l.StartsWith("example", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Port_53_and_the_Corefile_of_the_working_directory_are_the_defaults()
    {
        string corefile = host.Directory.Write("Corefile", Answering("10.0.0.2"));
        try
        {
            await using ServerProcess server = await ServerProcess.StartAsync(host.Launch());
            Assert.Equal(".:53", server.Output.All[0]);
            Assert.Equal(["A 10.0.0.2"], (await AskAsync("53")).AnswerData);
        }
        finally
        {
            File.Delete(corefile);
        }
    }

    [Fact]
    public async Task Without_any_Corefile_the_hosts_file_is_served()
    {
        host.Network.WriteEtc("hosts", "127.0.0.1 localhost\n10.0.0.3 machine.mycompany.com\n");
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-dns.port", "1053"));
        Assert.Equal(["A 10.0.0.3"], (await AskAsync("1053", "machine.mycompany.com")).AnswerData);
    }

    [Fact]
    public async Task Quiet_prints_nothing_at_the_start()
    {
        host.Directory.Write("named.conf", Answering("10.0.0.4"));
        string pidFile = host.Directory["quiet.pid"];
        await using var server = new RunningProgram(host.Directory.Path, host.Launch("-conf", "named.conf", "-p", "1053", "-quiet", "-pidfile", pidFile).Command);

        // The last thing done before the banner would be printed.
        await Eventually.TrueAsync(() => File.Exists(pidFile) && File.ReadAllText(pidFile).EndsWith('\n'), () => server.Transcript);
        Assert.Equal(["A 10.0.0.4"], (await AskAsync("1053")).AnswerData);
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
        Assert.Empty(server.Output.All);
        Assert.Empty(server.Error.All);
    }

    [Fact]
    public async Task The_pid_file_holds_the_process_id_while_the_server_runs()
    {
        host.Directory.Write("named.conf", Answering("10.0.0.5"));
        string pidFile = host.Directory["minidns.pid"];
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "named.conf", "-p", "1053", "-pidfile", pidFile));
        Assert.Equal(server.Id.ToString(CultureInfo.InvariantCulture) + "\n", await File.ReadAllTextAsync(pidFile));
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
        Assert.False(File.Exists(pidFile));
    }

    [Theory]
    [InlineData("70000", "-dns.port", "70000")]
    [InlineData("'dns'", "-p", "dns")]
    [InlineData("unknown option '-cnof'; did you mean '-conf'?", "-cnof", "Corefile")]
    [InlineData("-conf", "-conf")]
    public async Task A_wrong_command_line_is_refused(string told, params string[] arguments)
    {
        ToolResult result = await ServerProcess.RunAsync(host.Launch(arguments));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
    }

    private static string Answering(string address) => $". {{\n    hosts {{\n        {address} web.mycompany.com\n    }}\n}}\n";

    private async Task<DigReply> AskAsync(string port, string name = "web.mycompany.com") =>
        DigReply.Parse(await host.Network.RunAsync("dig", "@127.0.0.1", "-p", port, "+tries=1", name));
}
