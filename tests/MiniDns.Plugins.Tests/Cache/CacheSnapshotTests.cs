using System.Security.Cryptography;
using MiniDns.Plugins.Cache;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>The content of a cache while the server does not run.</summary>
public sealed class CacheSnapshotTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-").FullName;

    private string File => Path.Combine(_directory, "cache.bin");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task What_was_kept_is_there_after_a_start_and_has_grown_older()
    {
        CacheBench first = await FilledAsync();
        first.Advance(20);
        await first.Harness.DisposeAsync();
        CacheBench second = New();
        await second.Harness.StartAsync();
        second.Source.Answer = q => q.Refuse();
        Assert.Equal((280u, "192.0.2.1"), (second.Ask("a.example.").Ttl, second.Ask("A.example.").Address));
        Assert.Equal(280u, second.Ask("a.example.", dnssecOk: true).Ttl);
        Assert.Equal((DnsResponseCode.NameError, 80u), (second.Ask("none.example.").Code, second.Ask("none.example.").Ttl));
        Assert.Equal(DnsResponseCode.Refused, second.Ask("short.example.").Code);
        Assert.Equal(DnsResponseCode.Refused, second.Ask("broken.example.").Code);
        Assert.Contains(second.Harness.Log.Lines, l => l.Contains("3 entries taken from the snapshot", StringComparison.Ordinal));
        second.Advance(280);
        Assert.Equal(DnsResponseCode.Refused, second.Ask("a.example.").Code);
    }

    [Fact]
    public async Task Time_passes_while_the_server_does_not_run()
    {
        CacheBench first = await FilledAsync();
        await first.Harness.DisposeAsync();
        CacheBench second = New();
        second.Advance(290);
        await second.Harness.StartAsync();
        second.Source.Answer = q => q.Refuse();
        Assert.Equal(10u, second.Ask("a.example.").Ttl);
        Assert.Equal(DnsResponseCode.Refused, second.Ask("none.example.").Code);
    }

    [Fact]
    public async Task Expired_entries_that_may_be_served_are_kept()
    {
        CacheBench first = await FilledAsync("serve_stale 1h");
        first.Advance(400);
        await first.Harness.DisposeAsync();
        CacheBench second = New("serve_stale 1h");
        second.Advance(400);
        await second.Harness.StartAsync();
        second.Source.Answer = q => q.Reply(DnsResponseCode.ServerFailure);
        Assert.Equal((0u, (ushort)3), (second.Ask("a.example.", dnssecOk: true).Ttl, second.Ask("a.example.", dnssecOk: true).ExtendedError));
    }

    [Fact]
    public async Task A_reload_writes_and_does_not_read()
    {
        CacheBench first = await FilledAsync();
        var second = new CacheBench(Stanza(""), first);
        await second.Harness.StartAsync();
        await first.Harness.DisposeAsync();
        Assert.DoesNotContain(second.Harness.Log.Lines, l => l.Contains("taken", StringComparison.Ordinal));
        second.Source.Answer = q => q.Refuse();
        Assert.Equal(300u, second.Ask("a.example.").Ttl);
        Assert.True(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task A_snapshot_of_answers_from_other_directives_is_not_taken()
    {
        string stanza = $"cache {{\nsnapshot {File}\n}}\nhosts {{\nttl 300\n192.0.2.1 a.example\n}}";
        PluginHarness first = await PluginHarness.Stanza(stanza).StartAsync();
        await first.Chain.AskAsync("a.example.", DnsRecordType.A);
        await first.DisposeAsync();
        await using PluginHarness same = await PluginHarness.Stanza(stanza).StartAsync();
        Assert.Contains(same.Log.Lines, l => l.Contains("1 entries taken from the snapshot", StringComparison.Ordinal));
        await using PluginHarness other = await PluginHarness.Stanza(stanza.Replace("192.0.2.1", "192.0.2.2", StringComparison.Ordinal)).StartAsync();
        Assert.Contains(other.Log.Lines, l => l.Contains("the directives that its answers came from have changed", StringComparison.Ordinal));
        Assert.Equal("192.0.2.2", Reply.Read((await other.Chain.AskAsync("a.example.", DnsRecordType.A)).Span).Address);
    }

    [Fact]
    public async Task Only_the_server_may_read_the_file()
    {
        CacheBench first = await FilledAsync();
        await first.Harness.DisposeAsync();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }

        Assert.Equal([File], Directory.GetFiles(_directory));
    }

    [Fact]
    public async Task Without_a_file_nothing_is_said()
    {
        CacheBench bench = New();
        await bench.Harness.StartAsync();
        Assert.Empty(bench.Harness.Log.Lines);
    }

    [Fact]
    public async Task A_damaged_file_is_ignored_with_a_word()
    {
        CacheBench first = await FilledAsync();
        await first.Harness.DisposeAsync();
        byte[] whole = await System.IO.File.ReadAllBytesAsync(File);
        var random = new Random(5);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = [.. whole];
            switch (i % 3)
            {
                case 0:
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged = damaged[..random.Next(damaged.Length)];
                    break;
                default:
                    damaged = [.. damaged, 0];
                    break;
            }

            await System.IO.File.WriteAllBytesAsync(File, damaged);
            CacheBench second = New();
            await second.Harness.StartAsync();
            Assert.Contains(second.Harness.Log.Lines, l => l.Contains("is not used, the cache starts empty", StringComparison.Ordinal));
            Assert.Equal(0, second.Metric("entries"));
        }
    }

    [Fact]
    public async Task Whatever_a_file_with_a_right_checksum_says_the_start_goes_on()
    {
        CacheBench first = await FilledAsync();
        await first.Harness.DisposeAsync();
        byte[] whole = await System.IO.File.ReadAllBytesAsync(File);
        var random = new Random(6);
        for (int i = 0; i < 500; i++)
        {
            byte[] content = whole[..^SHA256.HashSizeInBytes];
            for (int j = random.Next(4); j >= 0; j--)
            {
                content[random.Next(content.Length)] = (byte)random.Next(256);
            }

            await System.IO.File.WriteAllBytesAsync(File, [.. content, .. SHA256.HashData(content)]);
            CacheBench second = New();
            await second.Harness.StartAsync();
            second.Ask("a.example.");
        }
    }

    [Theory]
    [InlineData("cache example {\nsnapshot {FILE}\n}", "it is of a cache for .")]
    public async Task Another_caches_file_is_not_used(string stanza, string reason)
    {
        CacheBench first = await FilledAsync();
        await first.Harness.DisposeAsync();
        var second = new CacheBench(stanza.Replace("{FILE}", File, StringComparison.Ordinal));
        await second.Harness.StartAsync();
        Assert.Contains(second.Harness.Log.Lines, l => l.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_said()
    {
        var bench = new CacheBench($"cache {{\nsnapshot {_directory}/no/such/place\n}}");
        await bench.Harness.StartAsync();
        await bench.Harness.DisposeAsync();
        Assert.Contains(bench.Harness.Log.Lines, l => l.Contains("cannot be written", StringComparison.Ordinal));
    }

    private string Stanza(string property) => $"cache {{\nsnapshot {File}\n{property}\n}}";

    private CacheBench New(string property = "") => new(Stanza(property));

    private async Task<CacheBench> FilledAsync(string property = "")
    {
        CacheBench bench = New(property);
        await bench.Harness.StartAsync();
        bench.Source.Answer = q => q.LowerName.FirstLabel[0] switch
        {
            (byte)'n' => FakeSource.Deny(q, DnsResponseCode.NameError, 100, 100),
            (byte)'b' => q.Reply(DnsResponseCode.ServerFailure),
            (byte)'s' => FakeSource.Address(q, 10),
            _ => FakeSource.Address(q, 300),
        };
        foreach (string name in new[] { "a.example.", "none.example.", "broken.example.", "short.example." })
        {
            bench.Ask(name);
        }

        bench.Ask("a.example.", dnssecOk: true);
        return bench;
    }
}
