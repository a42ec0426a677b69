using MiniDns.Plugins.Primaries;
using MiniDns.Plugins.Secondary;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Tests.Secondary;

public sealed class ZoneStoreTests : IDisposable
{
    private static readonly DnsName Origin = DnsName.Parse(SecondaryBench.Zone);
    private static readonly DateTimeOffset Then = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-").FullName;
    private readonly ZoneStore<Zone> _store;

    public ZoneStoreTests() => _store = new ZoneStore<Zone>(_directory, SecondaryFormat.Instance);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_is_kept_comes_back_with_its_age()
    {
        Zone zone = SecondaryBench.Build(SecondaryBench.Zone, SecondaryBench.Text(7) + "odd\\.name TXT \"a\\\"b;c\\200\"\n*.w SRV 1 2 3 target\nx TYPE65280 \\# 3 010203\n");
        _store.Save(Origin, zone, Then);
        Assert.True(_store.TryLoad(Origin, out Zone? loaded, out DateTimeOffset at, out _));
        Assert.Equal(SecondaryBench.Dump(zone), SecondaryBench.Dump(loaded!));
        Assert.Equal(Then, at);
        Assert.True(_store.TryConfirm(Origin, Then.AddHours(1)));
        Assert.True(_store.TryLoad(Origin, out _, out at, out _));
        Assert.Equal(Then.AddHours(1), at);
        Assert.Equal(["example.org.zone"], Directory.GetFiles(_directory).Select(Path.GetFileName));
    }

    [Fact]
    public void A_zone_that_was_never_kept_is_no_failure()
    {
        Assert.False(_store.TryLoad(Origin, out _, out _, out string? failure));
        Assert.Null(failure);
        Assert.False(_store.TryConfirm(Origin, Then));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.org. 60 IN SOA ns. host. 1 2 3")]
    [InlineData("www A 192.0.2.1\n")]
    [InlineData("$INCLUDE /etc/passwd\n")]
    public void A_damaged_file_is_a_failure_and_no_exception(string text)
    {
        File.WriteAllText(_store.PathOf(Origin), text);
        Assert.False(_store.TryLoad(Origin, out _, out _, out string? failure));
        Assert.NotNull(failure);
    }

    [Fact]
    public void What_cannot_be_written_leaves_the_old_file_and_nothing_else()
    {
        _store.Save(Origin, SecondaryBench.Build(SecondaryBench.Zone, SecondaryBench.Text(1)), Then);
        string path = _store.PathOf(Origin);
        var elsewhere = new ZoneStore<Zone>(Path.Combine(path, "not-a-directory"), SecondaryFormat.Instance);
        Assert.ThrowsAny<IOException>(() => elsewhere.Save(Origin, SecondaryBench.Build(SecondaryBench.Zone, SecondaryBench.Text(2)), Then));
        Assert.True(_store.TryLoad(Origin, out Zone? zone, out _, out _));
        Assert.Equal(1u, zone!.Serial);
        Assert.Single(Directory.GetFiles(_directory));
    }

    [Theory]
    [InlineData(".", "@.zone")]
    [InlineData("Example.ORG.", "example.org.zone")]
    [InlineData("a\\.b.example.", "a%2Eb.example.zone")]
    [InlineData("..", null)]
    [InlineData("\\.\\./etc.", "%2E%2E%2Fetc.zone")]
    [InlineData("0/25.2.0.192.in-addr.arpa.", "0%2F25.2.0.192.in-addr.arpa.zone")]
    public void File_names_cannot_leave_the_directory(string zone, string? expected)
    {
        if (DnsName.TryParse(zone, out DnsName? name))
        {
            Assert.Equal(expected, ZoneStore<Zone>.FileNameOf(name));
        }
        else
        {
            Assert.Null(expected);
        }
    }

    [Fact]
    public void The_longest_name_fits_into_a_file_name()
    {
        string label = string.Concat(Enumerable.Repeat("\\000", 63));
        DnsName name = DnsName.Parse($"{label}.{label}.{label}.");
        Assert.InRange(ZoneStore<Zone>.FileNameOf(name).Length, 1, 200);
        Assert.NotEqual(ZoneStore<Zone>.FileNameOf(name), ZoneStore<Zone>.FileNameOf(name.Parent));
    }
}
