using static MiniDns.Plugins.Tests.Secondary.SecondaryBench;

namespace MiniDns.Plugins.Tests.Secondary;

public sealed class CatalogTests : IAsyncLifetime, IDisposable
{
    private const string First = "catalog1.example.";
    private const string Second = "catalog2.example.";

    private readonly SecondaryBench _bench = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Members_come_and_go_with_the_catalog()
    {
        _bench.Primary.Publish("a.example.", Text(1));
        _bench.Primary.Publish("b.example.", Text(2));
        _bench.Primary.Publish(First, Catalog(1, "m1 a.example."));
        await _bench.StartAsync(_bench.Options(First, _directory, []));
        await _bench.AdvanceUntilAsync(() => _bench.Serial("a.example.") == 1, 5);

        int changes = 0;
        _bench.Zones.ZonesChanged += () => changes++;
        _bench.Primary.Publish(First, Catalog(2, "m2 b.example."));
        _bench.Notify(First);
        await _bench.SettleAsync(() => _bench.Serial("b.example.") == 2);
        Assert.False(_bench.Has("a.example."));
        Assert.Equal(1, changes);
        await UntilAsync(() => File.Exists(Path.Combine(_directory, "b.example.zone")));
        Assert.False(File.Exists(Path.Combine(_directory, "a.example.zone")));
    }

    [Fact]
    public async Task Members_outside_of_what_the_Corefile_allows_are_left_out()
    {
        _bench.Primary.Publish(First, Catalog(1, "m1 www.example.org.", "m2 example.org.", "m3 example.net.", "m4 notexample.org."));
        _bench.Primary.Publish("example.org.", Text(1));
        await _bench.StartAsync(_bench.Options(First, members: ["example.org."]));
        await _bench.AdvanceUntilAsync(() => _bench.Serial("example.org.") == 1, 5);
        Assert.True(_bench.Has("www.example.org."));
        Assert.False(_bench.Has("example.net."));
        Assert.False(_bench.Has("notexample.org."));
    }

    [Fact]
    public async Task A_zone_of_the_Corefile_or_of_another_catalog_is_not_taken_over()
    {
        _bench.Primary.Publish("a.example.", Text(1));
        _bench.Primary.Publish("b.example.", Text(1));
        _bench.Primary.Publish(First, Catalog(1, "m1 a.example.", "m2 b.example.", "m3 catalog1.example."));
        await _bench.StartAsync(_bench.Options("a.example."), _bench.Options(First, members: []), _bench.Options(Second, members: []));
        await _bench.AdvanceUntilAsync(() => _bench.Serial("b.example.") == 1, 5);
        Plugins.Secondary.SecondaryZone zone = _bench.Find("b.example.");
        _bench.Primary.Publish(Second, Catalog(1, "m1 b.example."));
        await _bench.AdvanceUntilAsync(() => _bench.Serial(Second) == 1, 15);
        Assert.Same(zone, _bench.Find("b.example."));
        Assert.Equal(3, _bench.Log.Lines.Count(l => l.Contains("is left out", StringComparison.Ordinal)));

        // It is free again once the owner drops it and the other catalog comes anew.
        _bench.Primary.Publish(First, Catalog(2));
        _bench.Notify(First);
        await _bench.SettleAsync(() => !_bench.Has("b.example."));
        _bench.Primary.Publish(Second, Catalog(2, "m1 b.example."));
        _bench.Notify(Second);
        await _bench.SettleAsync(() => _bench.Serial("b.example.") == 1);
    }

    [Theory]
    [InlineData("m1", true)]
    [InlineData("m9", false)]
    public async Task Rfc9432_4_4_1_a_zone_moves_when_its_owner_says_so(string label, bool keepsData)
    {
        _bench.Primary.Publish("a.example.", Text(1));
        _bench.Primary.Publish(First, Catalog(1, "m1 a.example.") + "coo.m1.zones PTR catalog2.example.\n");
        await _bench.StartAsync(_bench.Options(First, _directory, []), _bench.Options(Second, _directory, []));
        await _bench.AdvanceUntilAsync(() => _bench.Serial("a.example.") == 1, 5);
        _bench.Primary.Withdraw("a.example.");
        _bench.Primary.Publish(Second, Catalog(1, $"{label} a.example."));
        await _bench.AdvanceUntilAsync(() => _bench.Log.Lines.Any(l => l.Contains("has moved", StringComparison.Ordinal)), 15);
        await _bench.AdvanceAsync(0);
        Assert.Equal(keepsData ? 1u : null, _bench.Serial("a.example."));

        // The first owner's removal no longer concerns it.
        _bench.Primary.Publish(First, Catalog(2));
        _bench.Notify(First);
        await _bench.SettleAsync(() => _bench.Serial(First) == 2);
        Assert.True(_bench.Has("a.example."));
    }

    [Fact]
    public async Task Rfc9432_5_4_another_label_starts_a_zone_anew()
    {
        _bench.Primary.Publish("a.example.", Text(5));
        _bench.Primary.Publish(First, Catalog(1, "m1 a.example."));
        await _bench.StartAsync(_bench.Options(First, _directory, []));
        await _bench.AdvanceUntilAsync(() => _bench.Serial("a.example.") == 5, 5);

        // A lower serial number is fine: it is another zone.
        _bench.Primary.Withdraw("a.example.");
        _bench.Primary.Publish("a.example.", Text(2));
        _bench.Primary.Publish(First, Catalog(2, "m2 a.example."));
        _bench.Notify(First);
        await _bench.SettleAsync(() => _bench.Serial("a.example.") == 2);
    }

    [Fact]
    public async Task A_broken_catalog_leaves_its_members_alone()
    {
        _bench.Primary.Publish("a.example.", Text(1));
        _bench.Primary.Publish(First, Catalog(1, "m1 a.example."));
        await _bench.StartAsync(_bench.Options(First, members: []));
        await _bench.AdvanceUntilAsync(() => _bench.Serial("a.example.") == 1, 5);
        _bench.Primary.Publish(First, Catalog(2).Replace("TXT 2", "TXT 3", StringComparison.Ordinal));
        _bench.Notify(First);
        await _bench.SettleAsync(() => _bench.Log.Lines.Any(l => l.Contains("is broken", StringComparison.Ordinal)));
        Assert.Equal(1u, _bench.Serial("a.example."));
    }

    [Fact]
    public async Task A_restart_with_the_primary_down_serves_the_members_too()
    {
        _bench.Primary.Publish("a.example.", Text(1));
        _bench.Primary.Publish(First, Catalog(1, "m1 a.example."));
        await _bench.StartAsync(_bench.Options(First, _directory, []));
        await _bench.AdvanceUntilAsync(() => _bench.Serial("a.example.") == 1, 5);
        await _bench.StopAsync();
        await _bench.Primary.StopAsync();
        await _bench.StartAsync(_bench.Options(First, _directory, []));
        Assert.Equal(1u, _bench.Serial("a.example."));
    }

    [Fact]
    public async Task A_reload_of_the_Corefile_keeps_the_members()
    {
        _bench.Primary.Publish("a.example.", Text(1));
        _bench.Primary.Publish(First, Catalog(1, "m1 a.example."));
        await _bench.StartAsync(_bench.Options(First, members: []));
        await _bench.AdvanceUntilAsync(() => _bench.Serial("a.example.") == 1, 5);
        await _bench.Primary.StopAsync();
        await _bench.StartAsync(_bench.Options(First, members: []));
        Assert.Equal(1u, _bench.Serial("a.example."));
    }

    private static string Catalog(uint serial, params string[] members) =>
        $"@ SOA invalid. invalid. {serial} 100 10 1000 0\n@ NS invalid.\nversion TXT 2\n" + string.Concat(members.Select(m => $"{m.Split(' ')[0]}.zones PTR {m.Split(' ')[1]}\n"));
}
