using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Program;

/// <summary>Commands at the start, at reloads and at the stop of the server itself.</summary>
public sealed class EventCommandTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    private string Corefile => $$"""
        . {
            bind 127.0.0.1
            on startup sh -c "'dig @127.0.0.1 +short +tries=2 up.example >> {{host.Directory["events"]}}'"
            on shutdown sh -c "'dig @127.0.0.1 +short +tries=2 up.example >> {{host.Directory["events"]}}; echo bye >> {{host.Directory["events"]}}'"
            hosts /dev/null {
                192.0.2.1 up.example
            }
        }
        """;

    [Fact]
    public async Task The_server_answers_when_they_run()
    {
        string events = host.Directory["events"];
        File.Delete(events);
        await using ServerProcess server = await ServerProcess.StartAsync(host.Directory, Corefile, [.. host.Network.Exec]);
        await BecomesAsync(server, events, "192.0.2.1\n");
        await server.SignalAsync("USR1");
        await BecomesAsync(server, events, "192.0.2.1\n192.0.2.1\n");
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
        Assert.Equal("192.0.2.1\n192.0.2.1\n192.0.2.1\nbye\n", await File.ReadAllTextAsync(events));
    }

    [Theory]
    [InlineData("check")]
    [InlineData("plan")]
    [InlineData("explain", "up.example", "--conf")]
    public async Task Nothing_runs_when_a_configuration_is_only_looked_at(params string[] command)
    {
        string events = host.Directory["events"];
        File.Delete(events);
        string corefile = host.Directory.Write("Corefile.looked", Corefile);
        (await ServerProcess.RunAsync(host.Launch([.. command, corefile]))).Succeeded();
        Assert.False(File.Exists(events), string.Create(CultureInfo.InvariantCulture, $"{command[0]} ran a command"));
    }

    private static Task BecomesAsync(ServerProcess server, string file, string text) =>
        Eventually.TrueAsync(() => File.Exists(file) && File.ReadAllText(file) == text, () => server.Transcript);
}
