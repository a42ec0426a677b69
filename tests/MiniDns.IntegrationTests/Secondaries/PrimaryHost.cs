using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Secondaries;

/// <summary>A host with a primary of another make at an address of its own and MiniDns, its secondary, at 127.0.0.1, both on port 53.</summary>
internal abstract class PrimaryHost : IAsyncDisposable
{
    public const string Zone = "example.org";

    protected const string KeyName = "transfers";
    protected const string Secret = "NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=";

    private const string Python = "/usr/bin/python3";

    private NetworkNamespace? _network;
    private RunningProgram? _primary;
    private ServerProcess? _server;

    /// <summary>What transfers and notifications are signed by; null for not at all.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Whether transfers and notifications are signed.</summary>
    protected bool HasKey => Algorithm is not null;

    /// <summary>The algorithm of the key, which is there even where it is not used.</summary>
    protected string KeyAlgorithm => Algorithm ?? "hmac-sha256";

    /// <summary>The primary's address.</summary>
    public abstract string Address { get; }

    public TestDirectory Directory { get; } = new();

    public NetworkNamespace Network => _network ?? throw new InvalidOperationException("not started");

    public RunningProgram Primary => _primary ?? throw new InvalidOperationException("not running");

    public ServerProcess Server => _server ?? throw new InvalidOperationException("not running");

    /// <summary>Everything that was said, for a failed test's message.</summary>
    public string Transcript => $"{_primary?.Transcript}\n{_server?.Transcript}";

    /// <summary>The command that runs the primary; it writes the configuration first.</summary>
    protected abstract IReadOnlyList<string> Command { get; }

    /// <summary>Starts primary and secondary, and waits for the zone.</summary>
    public async Task StartAsync(ZoneContent zone)
    {
        _network = await NetworkNamespace.CreateAsync("secondary");
        await _network.AddAddressAsync(Address + "/8", "lo");       // BIND listens on addresses that interfaces have
        WriteZone(zone);
        await StartPrimaryAsync();
        await StartServerAsync();
        await UntilSerialAsync(zone.Serial);
    }

    public async Task StartPrimaryAsync()
    {
        _primary = new RunningProgram(Directory.Path, [.. Network.Exec, .. Command]);
        await Eventually.TrueAsync(async () => await SerialOfAsync(Address) is not null, () => Transcript);
    }

    public async Task StopPrimaryAsync()
    {
        await Primary.SignalAsync("TERM");
        await Primary.ExitAsync();
    }

    public async Task StartServerAsync() => _server = await ServerProcess.StartAsync(
        Directory,
        $$"""
        {{Zone}} {
            bind 127.0.0.1
            errors
            {{(HasKey ? $"tsig {{\nsecret {KeyName} {Secret} {Algorithm}\n}}" : "")}}
            secondary {
                transfer from {{Address}} {{(HasKey ? "key " + KeyName : "")}}
                store kept
            }
        }
        """,
        [.. Network.Exec]);

    public async Task StopServerAsync()
    {
        await Server.SignalAsync("TERM");
        await Server.ExitAsync();
    }

    /// <summary>Gives the primary another version.</summary>
    public async Task ChangeAsync(ZoneContent zone)
    {
        WriteZone(zone);
        await ReloadAsync();
        await UntilSerialAsync(zone.Serial);
    }

    /// <summary>Waits until MiniDns serves a version.</summary>
    public Task UntilSerialAsync(uint serial) => Eventually.TrueAsync(async () => await SerialOfAsync("127.0.0.1") == serial, () => Transcript);

    /// <summary>The short form of an answer.</summary>
    public async Task<string> AskAsync(string server, string name, string type) =>
        (await Network.RunAsync("dig", "@" + server, "+short", "+time=2", "+tries=1", name, type)).Output.Trim();

    /// <summary>Fails unless the zone kept by MiniDns has the records that the primary sends, and no others.</summary>
    public async Task SameRecordsAsync()
    {
        string script = Repository.PathOf("tests", "MiniDns.IntegrationTests", "Secondaries", "compare_zones.py");
        string kept = Directory["kept/" + Zone + ".zone"];

        // Files are written a moment after a version is served.
        ToolResult? result = null;
        await Eventually.TrueAsync(
            async () =>
            {
                result = File.Exists(kept) ? (await Network.RunAsync(Python, "-B", script, Address, Zone, kept, HasKey ? $"{Algorithm}:{KeyName}:{Secret}" : "")).Succeeded() : null;
                return result?.Lines.Count == 1;
            },
            () => $"{result}\n{Transcript}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_primary is not null)
        {
            await _primary.DisposeAsync();
        }

        if (_network is not null)
        {
            await _network.DisposeAsync();
        }

        Directory.Dispose();
    }

    /// <summary>Has the primary read its zone file again.</summary>
    protected abstract Task ReloadAsync();

    private async Task<uint?> SerialOfAsync(string server) =>
        (await AskAsync(server, Zone, "SOA")).Split(' ') is { Length: 7 } soa && uint.TryParse(soa[2], CultureInfo.InvariantCulture, out uint serial) ? serial : null;

    private void WriteZone(ZoneContent zone) => Directory.Write(Zone + ".zone", zone.Text);
}
