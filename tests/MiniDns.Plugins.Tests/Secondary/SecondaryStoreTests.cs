using static MiniDns.Plugins.Tests.Secondary.SecondaryBench;

namespace MiniDns.Plugins.Tests.Secondary;

public sealed class SecondaryStoreTests : IAsyncLifetime, IDisposable
{
    private readonly SecondaryBench _bench = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_restart_with_the_primary_down_serves_what_was_kept()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await StartAsync();
        await _bench.AdvanceAsync(0);
        await _bench.StopAsync();
        await _bench.Primary.StopAsync();
        _bench.Time.Advance(TimeSpan.FromSeconds(500));
        await StartAsync();
        Assert.Equal(1u, _bench.Serial());

        // Its age counts: it expires a thousand seconds after the primary was heard last.
        await _bench.AdvanceAsync(490);
        Assert.Equal(1u, _bench.Serial());
        await _bench.AdvanceAsync(15);
        Assert.Null(_bench.Serial());
    }

    [Fact]
    public async Task What_is_too_old_is_not_served_but_is_enough_to_ask_for_the_serial_number()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await StartAsync();
        await _bench.AdvanceAsync(0);
        await _bench.StopAsync();
        _bench.Time.Advance(TimeSpan.FromSeconds(5000));
        await StartAsync();
        Assert.Null(_bench.Serial());
        Assert.True(_bench.Find().IsExpired);
        await _bench.AdvanceAsync(0);
        Assert.Equal(1u, _bench.Serial());
        Assert.Equal(["example.org. AXFR", "example.org. SOA"], _bench.Primary.Questions);
    }

    [Fact]
    public async Task A_confirmation_makes_the_kept_zone_younger()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await StartAsync();
        await _bench.AdvanceAsync(0);
        await UntilAsync(() => File.Exists(Path.Combine(_directory, "example.org.zone")));
        for (int i = 0; i < 20; i++)
        {
            await _bench.AdvanceAsync(106);
        }

        await _bench.StopAsync();
        await _bench.Primary.StopAsync();
        await StartAsync();
        Assert.Equal(1u, _bench.Serial());
    }

    [Fact]
    public async Task A_newer_version_replaces_the_kept_one()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await StartAsync();
        await _bench.AdvanceAsync(0);
        _bench.Primary.Publish(Zone, Text(2));
        await _bench.AdvanceAsync(106);
        await _bench.StopAsync();
        Assert.Contains("192.0.2.2", await File.ReadAllTextAsync(Path.Combine(_directory, "example.org.zone")), StringComparison.Ordinal);
        await StartAsync();
        Assert.Equal(2u, _bench.Serial());
    }

    [Fact]
    public async Task A_damaged_file_is_replaced_by_a_transfer()
    {
        string path = Path.Combine(_directory, "example.org.zone");
        await File.WriteAllTextAsync(path, "nonsense");
        _bench.Primary.Publish(Zone, Text(1));
        await StartAsync();
        await _bench.AdvanceAsync(0);
        Assert.Equal(1u, _bench.Serial());
        Assert.Contains(_bench.Log.Lines, l => l.Contains("could not be read", StringComparison.Ordinal));
        await _bench.StopAsync();
        Assert.Contains("192.0.2.1", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_said_and_nothing_more()
    {
        string file = Path.Combine(_directory, "file");
        await File.WriteAllTextAsync(file, "");
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync(_bench.Options(store: Path.Combine(file, "below")));
        await _bench.AdvanceAsync(0);
        Assert.Equal(1u, _bench.Serial());
        await UntilAsync(() => _bench.Log.Lines.Any(l => l.Contains("could not be kept", StringComparison.Ordinal)));
    }

    private Task StartAsync() => _bench.StartAsync(_bench.Options(store: _directory));
}
