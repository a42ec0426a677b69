using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Examples;

/// <summary>The recipes of the README that concern zones, done step by step as they stand there.</summary>
public sealed class RecipeTests : IAsyncLifetime
{
    private const string ZoneFile = "db.example.org";

    private readonly TestNetwork _hosts = new();
    private NetworkNamespace? _network;
    private ServerProcess? _server;

    private NetworkNamespace Network => _network ?? throw new InvalidOperationException("not started");

    private ServerProcess Server => _server ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync() => _network = await _hosts.HostAsync("recipe");

    public async Task DisposeAsync() => await _hosts.DisposeAsync();

    [Fact]
    public async Task Serve_a_zone()
    {
        await GiveAddressesAsync(Network, "lo", "192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24");
        Recipe recipe = Recipe.Read("Serve a zone");
        WriteFiles(recipe);
        await StartAsync(recipe);
        await RunAsync(recipe.After);

        ChangeZone(_hosts.Directory, "2026010102");
        await Eventually.TrueAsync(async () => await AskAsync("192.0.2.1", "new.example.org") == "192.0.2.81", () => Server.Transcript);
    }

    [Fact]
    public async Task Be_a_secondary_of_BIND()
    {
        NetworkNamespace there = await _hosts.HostAsync("bind");
        await NetworkNamespace.ConnectAsync(Network, "lan", there, "lan");
        await GiveAddressesAsync(Network, "lan", "192.0.2.2/24");
        await GiveAddressesAsync(there, "lan", "192.0.2.1/24");
        Recipe recipe = Recipe.Read("Be a secondary of BIND");
        using var bindDirectory = new TestDirectory();
        bindDirectory.Write(ZoneFile, Recipe.Read("Serve a zone").Files[ZoneFile]);
        string configuration = bindDirectory.Write("named.conf", $$"""
            options {
                directory "{{bindDirectory.Path}}";
                listen-on-v6 { none; };
                pid-file none;
                session-keyfile none;
                dnssec-validation no;
                notify-delay 0;
                ixfr-from-differences yes;
            };
            controls { };
            {{recipe.Files["named.conf"]}}
            """);
        await using var bind = new RunningProgram(bindDirectory.Path, [.. there.Exec, "/usr/sbin/named", "-g", "-c", configuration]);
        await Eventually.TrueAsync(async () => await AskAsync("192.0.2.1", "www.example.org") == "192.0.2.80", () => bind.Transcript);
        await StartAsync(recipe);
        await Eventually.TrueAsync(async () => await AskAsync("192.0.2.2", "www.example.org") == "192.0.2.80", () => Server.Transcript + bind.Transcript);
        await RunAsync(recipe.After);

        // It is told of changes, by a signed notification, and transfers them.
        ChangeZone(bindDirectory, "2026010102");
        await bind.SignalAsync("HUP");
        await Eventually.TrueAsync(async () => await AskAsync("192.0.2.2", "new.example.org") == "192.0.2.81", () => Server.Transcript + bind.Transcript);
        Assert.Contains(Server.Output.All, l => l.Contains(": IXFR, serial 2026010102,", StringComparison.Ordinal));

        // The day that BIND is down. The file is written a moment after the version is served.
        await Eventually.TrueAsync(() => File.ReadAllText(_hosts.Directory["kept/example.org.zone"]).Contains("192.0.2.81", StringComparison.Ordinal), () => Server.Transcript);
        await bind.SignalAsync("TERM");
        await bind.ExitAsync();
        await Server.SignalAsync("TERM");
        await Server.ExitAsync();
        await StartAsync(recipe);
        Assert.Equal("192.0.2.81", await AskAsync("192.0.2.2", "new.example.org"));
    }

    [Fact]
    public async Task Serve_a_signed_zone()
    {
        _hosts.Directory.Write(ZoneFile, Recipe.Read("Serve a zone").Files[ZoneFile]);
        Recipe recipe = Recipe.Read("Serve a signed zone");
        await RunAsync(recipe.Before);
        await StartAsync(recipe);
        await RunAsync(recipe.After);

        // A key that is not the zone's proves nothing: the commands above could fail.
        string anchors = await File.ReadAllTextAsync(_hosts.Directory["anchors"]);
        _hosts.Directory.Write("anchors", anchors.Replace(anchors.Split('"')[1], new string('0', 64), StringComparison.Ordinal));
        ToolResult unproven = await ShellAsync("delv @127.0.0.1 -a anchors +root=example.org www.example.org");
        Assert.DoesNotContain("fully validated", unproven.Output, StringComparison.Ordinal);
    }

    private static async Task GiveAddressesAsync(NetworkNamespace network, string device, params IEnumerable<string> addresses)
    {
        foreach (string address in addresses)
        {
            await network.AddAddressAsync(address, device);
        }
    }

    private static void ChangeZone(TestDirectory directory, string serial)
    {
        string text = File.ReadAllText(directory[ZoneFile]);
        string next = directory.Write(ZoneFile + ".next", text.Replace("2026010101", serial, StringComparison.Ordinal) + "new A 192.0.2.81\n");
        File.Move(next, directory[ZoneFile], overwrite: true);
    }

    private async Task StartAsync(Recipe recipe) => _server = await _hosts.ServeAsync(Network, recipe.Corefile);

    private void WriteFiles(Recipe recipe)
    {
        foreach ((string name, string text) in recipe.Files)
        {
            _hosts.Directory.Write(name, text);
        }
    }

    private Task<ToolResult> ShellAsync(string command) =>
        Tool.RunInAsync(_hosts.Directory.Path, "ip", [.. Network.Exec.Skip(1), "sh", "-c", command]);

    private async Task RunAsync(IReadOnlyList<Recipe.Session> sessions)
    {
        Assert.NotEmpty(sessions);
        foreach (Recipe.Session session in sessions)
        {
            ToolResult result = await ShellAsync(session.Command);
            string[] printed = [.. result.Lines.Select(Recipe.Plain)];
            Assert.All(session.Output, line => Assert.True(printed.Contains(line), $"the README shows '{line}', which is not in\n{result}\n{_server?.Transcript}"));
        }
    }

    private async Task<string> AskAsync(string server, string name) =>
        (await Network.RunAsync("dig", "@" + server, "+short", "+time=1", "+tries=1", name)).Output.Trim();
}
