using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Program;

/// <summary>The Corefile changes while the server runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_changed_file_is_seen_and_an_imported_one_too()
    {
        _directory.Write("names", "hosts {\n 192.0.2.1 a.example\n}\n");
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n reload\n import names\n}\n");
        Assert.Equal(["A 192.0.2.1"], await AskAsync(server));

        _directory.Write("names", "hosts {\n 192.0.2.2 a.example\n}\n");
        await Eventually.TrueAsync(async () => await AskAsync(server) is ["A 192.0.2.2"], () => server.Transcript);

        _directory.Write("Corefile", ".:0 {\n bind 127.0.0.1\n reload\n hosts {\n 192.0.2.3 a.example\n }\n}\n");
        await Eventually.TrueAsync(async () => await AskAsync(server) is ["A 192.0.2.3"], () => server.Transcript);
    }

    [Fact]
    public async Task A_wrong_file_is_told_of_with_its_place_and_the_old_one_goes_on()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n hosts {\n 192.0.2.1 a.example\n }\n}\n");
        _directory.Write("Corefile", ".:0 {\n bind 127.0.0.1\n hots\n multisocket x\n}\n");
        await server.SignalAsync("USR1");
        await server.LineAsync(l => l.Contains("the old one goes on", StringComparison.Ordinal));
        await server.LineAsync(l => l.Contains("Corefile:3:2: error: unknown directive 'hots'", StringComparison.Ordinal));
        await server.LineAsync(l => l.Contains("Corefile:4:14: error", StringComparison.Ordinal));
        Assert.Equal(["A 192.0.2.1"], await AskAsync(server));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing here yet\n")]
    [InlineData("import blocks/*\n")]
    public async Task A_file_without_any_block_takes_nothing_away_and_the_next_change_is_seen(string empty)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(_directory, ".:0 {\n bind 127.0.0.1\n reload\n hosts {\n 192.0.2.1 a.example\n }\n}\n");
        _directory.Write("Corefile", empty);
        await server.LineAsync(l => l.Contains("Corefile: there is no server block in it, so nothing would be served any more", StringComparison.Ordinal));
        Assert.Equal(["A 192.0.2.1"], await AskAsync(server));
        _directory.Write("Corefile", ".:0 {\n bind 127.0.0.1\n reload\n hosts {\n 192.0.2.2 a.example\n }\n}\n");
        await Eventually.TrueAsync(async () => await AskAsync(server) is ["A 192.0.2.2"], () => server.Transcript);
    }

    private static async Task<IReadOnlyList<string>> AskAsync(ServerProcess server) =>
        DigReply.Parse(await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", "+timeout=10", "a.example")).AnswerData;
}
