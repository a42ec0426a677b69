using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Program;

/// <summary>SIGTERM and SIGINT.</summary>
public sealed class StopTests : IDisposable
{
    /// <summary>A shell without job control makes its background programs ignore SIGINT, and so would the server if one started these tests.</summary>
    private static readonly string[] DefaultSignals = ["env", "--default-signal=INT,TERM"];

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_the_server_with_code_0(string signal)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n whoami\n}\n", DefaultSignals);
        await server.SignalAsync(signal);
        Assert.Equal(0, await server.ExitAsync());
        Assert.Empty(server.Error.All);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_query_in_flight_is_answered(string signal)
    {
        using var upstream = new ScriptedUpstream();
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, $".:0 {{\n bind 127.0.0.1\n forward . {upstream.Address} {{\n prefer_udp\n }}\n}}\n", DefaultSignals);
        Task<ToolResult> overUdp = Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", "+timeout=20", "udp.example.org");
        (byte[], EndPoint) firstQuery = await upstream.ReceiveAsync();
        Task<ToolResult> overTcp = Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", "+timeout=20", "+tcp", "tcp.example.org");
        (byte[], EndPoint) secondQuery = await upstream.ReceiveAsync();

        await server.SignalAsync(signal);

        // The upstream is slow: it answers only when the server has been stopping for a while.
        await Task.Delay(500);
        await upstream.AnswerAsync(firstQuery);
        await upstream.AnswerAsync(secondQuery);
        Assert.Equal(["A 203.0.113.9"], DigReply.Parse(await overUdp).AnswerData);
        Assert.Equal(["A 203.0.113.9"], DigReply.Parse(await overTcp).AnswerData);
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task An_upstream_that_never_answers_does_not_hold_the_server()
    {
        using var upstream = new ScriptedUpstream();
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, $".:0 {{\n bind 127.0.0.1\n forward . {upstream.Address}\n}}\n");
        Task<ToolResult> client = Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", "+timeout=1", "example.org");
        await upstream.ReceiveAsync();
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
        await client;
    }

    [Fact]
    public async Task An_idle_connection_does_not_hold_the_server()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n whoami\n}\n");
        using var idle = new TcpClient();
        await idle.ConnectAsync(server.Addresses[0]);
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
    }

    [Theory]
    [InlineData("TERM", false)]
    [InlineData("USR1", true)]
    [InlineData("HUP", true)]
    public async Task A_signal_during_the_start_does_what_it_does_later(string signal, bool serves)
    {
        // The server waits for its Corefile at the other end of a pipe.
        string pipe = Path.Combine(_directory.Path, "pipe");
        (await Tool.RunAsync("mkfifo", pipe)).Succeeded();
        string[] shell = ["env", "--default-signal=HUP,TERM,USR1", "sh", "-c", "exec \"$@\" <\"$0\"", pipe];
        await using var server = new RunningProgram(_directory.Path, [.. shell, Repository.DotnetHost, Repository.ServerAssembly, "-conf", "-"]);
        await using (StreamWriter writer = await Task.Run(() => new StreamWriter(pipe)))
        {
            await Eventually.TrueAsync(() => TakesSignals(server.Id), () => server.Transcript);
            await server.SignalAsync(signal);
            await writer.WriteAsync(".:0 {\n bind 127.0.0.1\n whoami\n}\n");
        }

        if (serves)
        {
            await server.LineAsync(l => l.Contains($"Reloading (SIG{signal})", StringComparison.Ordinal));
            await server.LineAsync(l => l.Contains("cannot be read a second time", StringComparison.Ordinal));
            await server.SignalAsync("TERM");
        }

        Assert.Equal(0, await server.ExitAsync());
        Assert.Empty(server.Error.All);
    }

    [Fact]
    public async Task Lameduck_goes_on_answering_before_the_end()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n health 127.0.0.1:0 {\n lameduck 2s\n }\n log\n whoami\n}\n");
        await server.SignalAsync("TERM");
        await server.LineAsync(l => l.Contains("lameduck", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("NOERROR", DigReply.Parse(await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", "example.org")).Code);
        Assert.Equal(0, await server.ExitAsync());
    }

    /// <summary>Whether a process has handlers for SIGUSR1, SIGHUP and SIGTERM.</summary>
    private static bool TakesSignals(int process)
    {
        string caught = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("SigCgt:", StringComparison.Ordinal));
        const ulong Wanted = 1UL << (10 - 1) | 1UL << (1 - 1) | 1UL << (15 - 1);
        return (ulong.Parse(caught["SigCgt:".Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & Wanted) == Wanted;
    }
}
