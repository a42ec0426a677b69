using System.Diagnostics;
using MiniDns.Plugins.Hosts;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Hosts;

public sealed class HostsFileTests
{
    private const string Old = "NoError aa | a.test. 3600 A 192.0.2.1";
    private const string New = "NoError aa | a.test. 3600 A 192.0.2.2";

    [Fact]
    public async Task The_poll_picks_a_change_up_when_no_notification_comes()
    {
        var time = new TestTimeProvider();
        await using var setting = new HostsSetting(time);
        ChainHarness chain = await setting.StartAsync("192.0.2.1 a.test");
        Assert.Equal(Old, chain.Say("a.test.", DnsRecordType.A));
        await File.WriteAllTextAsync(setting.Path, "192.0.2.2 a.test\n");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(New, chain.Say("a.test.", DnsRecordType.A));
    }

    [Fact]
    public async Task Reload_0_reads_once()
    {
        var time = new TestTimeProvider();
        await using var setting = new HostsSetting(time);
        setting.Options = setting.Options with { Reload = TimeSpan.Zero };
        ChainHarness chain = await setting.StartAsync("192.0.2.1 a.test");
        await File.WriteAllTextAsync(setting.Path, "192.0.2.2 a.test\n");
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Old, chain.Say("a.test.", DnsRecordType.A));
    }

    [Theory]
    [InlineData("written in place")]
    [InlineData("renamed over")]
    [InlineData("deleted and made again")]
    [InlineData("as long and as old as before")]
    [InlineData("a Kubernetes mount")]
    [InlineData("a link into another directory")]
    [InlineData("appears later")]
    public async Task The_watch_picks_a_change_up_at_once(string how)
    {
        await using var setting = new HostsSetting(TimeProvider.System);
        setting.Options = setting.Options with { Reload = TimeSpan.FromHours(1) };
        string other = Path.Combine(setting.Directory, "other");
        Action change;
        switch (how)
        {
            case "a Kubernetes mount":
                Mount(setting, "..one", "192.0.2.1 a.test");
                File.CreateSymbolicLink(Path.Combine(setting.Directory, "..data"), "..one");
                File.CreateSymbolicLink(setting.Path, "..data/hosts");
                change = () =>
                {
                    Mount(setting, "..two", "192.0.2.2 a.test");
                    string link = Path.Combine(setting.Directory, "..data_tmp");
                    File.CreateSymbolicLink(link, "..two");

                    // rename(2), which File.Move is not for a link to a directory
                    using var move = Process.Start("mv", ["-T", link, Path.Combine(setting.Directory, "..data")]);
                    move.WaitForExit();
                };
                break;
            case "a link into another directory":
                Mount(setting, "elsewhere", "192.0.2.1 a.test");
                File.CreateSymbolicLink(setting.Path, "elsewhere/hosts");
                change = () => Mount(setting, "elsewhere", "192.0.2.2 a.test\n");
                break;
            case "appears later":
                change = () => File.WriteAllText(setting.Path, "192.0.2.2 a.test");
                break;
            default:
                await File.WriteAllTextAsync(setting.Path, "192.0.2.1 a.test");
                change = () =>
                {
                    switch (how)
                    {
                        case "written in place":
                            File.WriteAllText(setting.Path, "192.0.2.2 a.test\n");
                            break;
                        case "renamed over":
                            File.WriteAllText(other, "192.0.2.2 a.test");
                            File.Move(other, setting.Path, overwrite: true);
                            break;
                        case "deleted and made again":
                            File.Delete(setting.Path);
                            File.WriteAllText(setting.Path, "192.0.2.2 a.test");
                            break;
                        default:
                            File.WriteAllText(other, "192.0.2.2 a.test");
                            File.SetLastWriteTimeUtc(other, File.GetLastWriteTimeUtc(setting.Path));
                            File.Move(other, setting.Path, overwrite: true);
                            break;
                    }
                };
                break;
        }

        ChainHarness chain = await setting.StartAsync();
        Assert.Equal(how == "appears later" ? "ServerFailure" : Old, chain.Say("a.test.", DnsRecordType.A));
        change();
        await UntilAsync(() => chain.Say("a.test.", DnsRecordType.A) == New);
    }

    [Fact]
    public async Task The_directory_may_appear_later_too()
    {
        var time = new TestTimeProvider();
        await using var setting = new HostsSetting(time);
        string directory = Path.Combine(setting.Directory, "later");
        setting.Options = setting.Options with { Path = Path.Combine(directory, "hosts") };
        ChainHarness chain = await setting.StartAsync();
        Assert.Equal("ServerFailure", chain.Say("a.test.", DnsRecordType.A));
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(setting.Options.Path, "192.0.2.1 a.test");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(Old, chain.Say("a.test.", DnsRecordType.A));
    }

    [Fact]
    public async Task A_file_that_is_gone_leaves_its_entries_and_is_complained_about_once()
    {
        var time = new TestTimeProvider();
        await using var setting = new HostsSetting(time);
        ChainHarness chain = await setting.StartAsync("192.0.2.1 a.test");
        File.Delete(setting.Path);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Old, chain.Say("a.test.", DnsRecordType.A));
        Assert.Equal($"{setting.Path} does not exist; it is read as soon as it does", Assert.Single(setting.Log.Lines));

        await File.WriteAllTextAsync(setting.Path, "192.0.2.2 a.test\n");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(New, chain.Say("a.test.", DnsRecordType.A));
    }

    [Fact]
    public async Task A_directory_in_the_place_of_the_file_leaves_the_inline_entries()
    {
        await using var setting = new HostsSetting();
        setting.Options = setting.Options with { Path = setting.Directory, Inline = HostsSetting.Entries("192.0.2.1 a.test") };
        ChainHarness chain = await setting.StartAsync();
        Assert.Equal(Old, chain.Say("a.test.", DnsRecordType.A));
        Assert.Contains("cannot be read", Assert.Single(setting.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_lines_are_warned_about_with_their_place()
    {
        await using var setting = new HostsSetting();
        ChainHarness chain = await setting.StartAsync("# a file\n192.0.2 b.test\n192.0.2.1 a.test\n192.0.2.3\n");
        Assert.Equal(Old, chain.Say("a.test.", DnsRecordType.A));
        Assert.Equal(
            [$"{setting.Path}:2: \"192.0.2\" is not an IP address; skipped", $"{setting.Path}:4: 192.0.2.3 stands without a name; skipped"],
            setting.Log.Lines);
    }

    [Fact]
    public async Task A_file_full_of_bad_lines_does_not_flood_the_log()
    {
        await using var setting = new HostsSetting();
        await setting.StartAsync(string.Concat(Enumerable.Repeat("nonsense\n", 1000)));
        Assert.Equal(HostsProblems.MaxKept + 1, setting.Log.Lines.Count);
        Assert.Equal($"{setting.Path}: 990 more lines were skipped", setting.Log.Lines[^1]);
    }

    [Fact]
    public async Task The_gauges_tell_entries_and_the_files_time()
    {
        var time = new TestTimeProvider();
        await using var setting = new HostsSetting(time);
        setting.Options = setting.Options with { Inline = HostsSetting.Entries("192.0.2.9 inline.test") };
        await setting.StartAsync("192.0.2.1 a.test b.test\n::1 a.test\n192.0.2.3 *.w.test\n");

        // a A, a AAAA, b A, *.w A, inline A, and a PTR record for each but the wildcard's
        Assert.Equal(9, setting.Gauge("coredns_hosts_entries"));
        Assert.Equal(("hostsfile", setting.Path), setting.Services.Metrics.Snapshot().Single(s => s.Name == "coredns_hosts_entries").Labels.Select(l => (l.Key, l.Value)).Single());
        File.SetLastWriteTimeUtc(setting.Path, DateTime.UnixEpoch.AddSeconds(1_700_000_000.5));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1_700_000_000.5, setting.Gauge("coredns_hosts_reload_timestamp_seconds"));
    }

    [Fact]
    public async Task The_next_configuration_takes_the_records_over_when_they_would_be_the_same()
    {
        await using var setting = new HostsSetting();
        await setting.StartAsync("192.0.2.1 a.test");
        HostsStore before = setting.File!.Store;
        await using var same = new HostsFile(setting.Options with { Reload = TimeSpan.FromSeconds(7) }, setting.Services, setting.File);
        await same.StartAsync(CancellationToken.None);
        Assert.Same(before, same.Store);

        await using var another = new HostsFile(setting.Options with { Ttl = 5 }, setting.Services, setting.File);
        await another.StartAsync(CancellationToken.None);
        Assert.NotSame(before, another.Store);
    }

    [Fact]
    public void Names_with_the_same_addresses_share_them_and_pairs_count_once()
    {
        var builder = new HostsStoreBuilder(new HostsOptions { Zones = [DnsName.Root] });
        foreach (HostsEntry entry in HostsSetting.Entries("192.0.2.1 a b a\n192.0.2.2 a b\n192.0.2.1 a\n192.0.2.2 c\n192.0.2.1 c"))
        {
            Assert.True(builder.Add(entry.Address, entry.Name));
        }

        HostsStore store = builder.Build();
        Assert.Equal(12, store.EntryCount);
        Assert.Equal(3, store.NameCount);
        Assert.Same(Find(store, "a"), Find(store, "b"));
        Assert.NotSame(Find(store, "a"), Find(store, "c"));
        Assert.Equal(2, Find(store, "a")!.Count);
    }

    [Fact]
    public void Addresses_of_a_name_and_names_of_an_address_are_bounded()
    {
        var builder = new HostsStoreBuilder(new HostsOptions { Zones = [DnsName.Root] });
        List<HostsEntry> many = HostsSetting.Entries(string.Concat(Enumerable.Range(0, HostsStoreBuilder.MaxAddresses + 1).Select(i => $"10.0.{i >> 8}.{i & 255} a\n")));
        Assert.All(many[..^1], e => Assert.True(builder.Add(e.Address, e.Name)));
        Assert.False(builder.Add(many[^1].Address, many[^1].Name));
        for (int i = 0; i < 10_000; i++)
        {
            builder.Add(HostsSetting.Entries($"0.0.0.0 ads{i}.example")[0].Address, DnsName.Parse($"ads{i}.example"));
        }

        HostsStore store = builder.Build();
        DnsName zero = DnsName.Parse("0.0.0.0.in-addr.arpa");
        Assert.True(store.TryFindReverse(zero.View, zero.Hash, out RRset? pointers));
        Assert.InRange(pointers.Body.Length, HostsStoreBuilder.MaxReverseOctets - 300, HostsStoreBuilder.MaxReverseOctets);
    }

    private static RRset? Find(HostsStore store, string text)
    {
        DnsName name = DnsName.Parse(text);
        Assert.True(store.TryFind(name.View, name.Hash, out RRset? v4, out _));
        return v4;
    }

    private static void Mount(HostsSetting setting, string directory, string content)
    {
        string path = Path.Combine(setting.Directory, directory);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "hosts"), content);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), "the change was not picked up");
            await Task.Delay(5);
        }
    }
}
