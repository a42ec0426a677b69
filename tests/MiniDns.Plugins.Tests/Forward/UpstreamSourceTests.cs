using System.Net;
using MiniDns.Plugins.Forward;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>Upstreams that are named by files and host names, which change.</summary>
public sealed class UpstreamSourceTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-forward-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_stub_of_systemd_resolved_gives_way_to_the_servers_behind_it()
    {
        string stub = Write("resolv.conf", "nameserver 127.0.0.53\noptions edns0\n");
        string real = Write("real.conf", "nameserver 192.0.2.7\nnameserver 2001:db8::7\n");
        ResolvConf file = ResolvConf.Read(stub, real);
        Assert.Equal(["192.0.2.7", "2001:db8::7"], file.Servers.Select(s => s.Address!.ToString()));
        Assert.Equal(real, file.Instead);
    }

    [Theory]
    [InlineData("nameserver 127.0.0.53\nnameserver 192.0.2.1\n", "127.0.0.53 192.0.2.1")]
    [InlineData("nameserver 192.0.2.1\n", "192.0.2.1")]
    public void A_file_with_a_server_of_its_own_is_taken_as_it_is(string text, string servers)
    {
        ResolvConf file = ResolvConf.Read(Write("resolv.conf", text), Write("real.conf", "nameserver 192.0.2.7\n"));
        Assert.Equal(servers, string.Join(' ', file.Servers.Select(s => s.Address)));
        Assert.Null(file.Instead);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("# nobody yet\n")]
    public void The_stub_is_better_than_nothing(string? real)
    {
        string path = real is null ? Path.Combine(_directory, "missing") : Write("real.conf", real);
        ResolvConf file = ResolvConf.Read(Write("resolv.conf", "nameserver 127.0.0.53\n"), path);
        Assert.Equal("127.0.0.53", Assert.Single(file.Servers).Address!.ToString());
    }

    [Fact]
    public async Task A_file_that_changes_changes_the_upstreams_and_a_bad_one_does_not()
    {
        await using FakeUpstream first = FakeUpstream.Answering("192.0.2.1");
        await using FakeUpstream second = FakeUpstream.Answering("192.0.2.2");
        string path = Write("resolv.conf", $"nameserver {first.Address}\n");
        await using PluginHarness harness = await Start($"forward . {path}");
        Assert.Equal("192.0.2.1", await AskAsync(harness));

        Write("resolv.conf", "# empty\n");
        await AdvanceUntilAsync(harness, () => harness.Log.Lines.Any(l => l.Contains("names no name server", StringComparison.Ordinal)));
        Assert.Equal("192.0.2.1", await AskAsync(harness));

        Write("resolv.conf", $"nameserver {second.Address}\n");
        await AdvanceUntilAsync(harness, async () => await AskAsync(harness) == "192.0.2.2");

        // Replaced as a whole, as DHCP clients and the kubelet do it.
        Write("new.conf", $"nameserver {first.Address}\n");
        File.Move(Path.Combine(_directory, "new.conf"), path, overwrite: true);
        await AdvanceUntilAsync(harness, async () => await AskAsync(harness) == "192.0.2.1");
    }

    [Fact]
    public async Task A_host_is_looked_up_again_when_its_TTL_has_passed_and_stays_when_nobody_knows_it()
    {
        await using FakeUpstream first = FakeUpstream.Answering("192.0.2.1");
        await using var second = new FakeUpstream(q => q.SendAsync(q.Answer("192.0.2.2")), address: new IPEndPoint(IPAddress.Parse("127.0.0.2"), first.Address.Port));
        string? address = "127.0.0.1";
        await using var resolver = new FakeUpstream(q => q.SendAsync(
            address is null ? q.Code(DnsResponseCode.ServerFailure) : q.Type == DnsRecordType.A ? q.Answer(address) : q.Answer()));
        await using PluginHarness harness = await Start($"forward . upstream.example.org:{first.Address.Port} {{\n bootstrap {resolver.Address}\n }}");
        Assert.Equal("192.0.2.1", await AskAsync(harness));
        harness.Time.Advance(TimeSpan.FromSeconds(200));
        Assert.Equal(2, resolver.Queries.Count);

        address = "127.0.0.2";
        await AdvanceUntilAsync(harness, async () => await AskAsync(harness) == "192.0.2.2", TimeSpan.FromSeconds(20));
        Assert.Contains(harness.Log.Lines, l => l.Contains("has other addresses now: 127.0.0.2", StringComparison.Ordinal));

        address = null;
        await AdvanceUntilAsync(harness, () => harness.Log.Lines.Any(l => l.Contains("cannot be looked up", StringComparison.Ordinal)), TimeSpan.FromSeconds(20));
        Assert.Equal("192.0.2.2", await AskAsync(harness));
    }

    [Fact]
    public async Task A_host_is_looked_up_through_the_other_upstreams_without_waiting_for_it()
    {
        await using FakeUpstream named = FakeUpstream.Answering("192.0.2.1");
        await using var plain = new FakeUpstream(q => q.SendAsync(
            q.Name == "named.example.org." ? (q.Type == DnsRecordType.A ? q.Answer("127.0.0.1") : q.Answer()) : q.Answer("192.0.2.2")));
        await using PluginHarness harness = await Start($"forward . named.example.org:{named.Address.Port} {plain.Address} {{\n policy sequential\n }}");
        await AdvanceUntilAsync(harness, async () => await AskAsync(harness) == "192.0.2.1");
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static Task<PluginHarness> Start(string stanza)
    {
        PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.True(harness.IsAccepted, harness.Errors);
        return harness.StartAsync();
    }

    private static async Task<string> AskAsync(PluginHarness harness)
    {
        byte[] message = (await harness.Chain.AskAsync("www.example.org.", DnsRecordType.A)).ToArray();
        return new IPAddress(message.AsSpan(message.Length - 4)).ToString();
    }

    private static Task AdvanceUntilAsync(PluginHarness harness, Func<bool> condition, TimeSpan? step = null) =>
        AdvanceUntilAsync(harness, () => Task.FromResult(condition()), step);

    private static async Task AdvanceUntilAsync(PluginHarness harness, Func<Task<bool>> condition, TimeSpan? step = null)
    {
        long deadline = Environment.TickCount64 + 20_000;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "the condition did not come true in time");
            harness.Time.Advance(step ?? TimeSpan.FromMilliseconds(100));
            await Task.Delay(10);
        }
    }
}
