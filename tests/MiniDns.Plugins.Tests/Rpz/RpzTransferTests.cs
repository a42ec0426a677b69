using System.Globalization;
using System.Net;
using MiniDns.Plugins.Primaries;
using MiniDns.Plugins.Rpz;
using MiniDns.Protocol.Names;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Rpz;

public sealed class RpzTransferTests : IAsyncLifetime
{
    private const string NxDomain = "NameError + rpz.test. 60 SOA";

    private readonly RpzSetting _setting = new();
    private readonly FakePrimary _primary = new();

    [Fact]
    public async Task A_zone_is_transferred_and_changes_are()
    {
        _primary.Publish("rpz.test.", Version(1, "nx.example CNAME .\nlocal.example A 192.0.2.1\nlocal.example A 192.0.2.2\n32.7.2.0.192.rpz-ip CNAME .\n"));
        await StartAsync();
        await UntilAsync("nx.example", NxDomain);
        Assert.Equal(NxDomain, await _setting.AskAsync("ip7.good"));

        _primary.Publish("rpz.test.", Version(2, "nodata.example CNAME .\nlocal.example A 192.0.2.2\nlocal.example A 192.0.2.3\n*.wild.example CNAME .\n32.8.2.0.192.rpz-ip CNAME .\n"));
        await NotifyAsync(2);
        Assert.StartsWith("NoError | nx.example. 300 A", await _setting.AskAsync("nx.example"), StringComparison.Ordinal);
        Assert.Equal(NxDomain, await _setting.AskAsync("nodata.example"));
        Assert.Equal(NxDomain, await _setting.AskAsync("a.wild.example"));
        Assert.Equal(NxDomain, await _setting.AskAsync("ip8.good"));
        Assert.StartsWith("NoError | ip7.good. 300 A", await _setting.AskAsync("ip7.good"), StringComparison.Ordinal);
        Assert.Equal("NoError | local.example. 60 A 192.0.2.2 | local.example. 60 A 192.0.2.3 + rpz.test. 60 SOA", await _setting.AskAsync("local.example"));
        Assert.Contains(_primary.Questions, q => q.Contains("IXFR", StringComparison.Ordinal));
        Assert.Equal(1, _setting.Metric("minidns_rpz_transfers_total", "IXFR", "success"));

        // What hid a wildcard is gone with the change.
        _primary.Publish("rpz.test.", Version(3, "*.wild.example CNAME .\nx.y.wild.example CNAME *.\n"));
        await NotifyAsync(3);
        Assert.StartsWith("NoError", await _setting.AskAsync("z.y.wild.example"), StringComparison.Ordinal);
        _primary.Publish("rpz.test.", Version(4, "*.wild.example CNAME .\n"));
        await NotifyAsync(4);
        Assert.Equal(NxDomain, await _setting.AskAsync("z.y.wild.example"));
        Assert.Equal(3, _setting.Metric("minidns_rpz_transfers_total", "IXFR", "success"));
    }

    [Fact]
    public async Task A_malformed_record_is_told_of_with_its_owner_and_does_no_harm_when_it_goes()
    {
        _primary.Publish("rpz.test.", Version(1, "nx.example CNAME .\n33.0.0.0.10.rpz-ip CNAME .\n"));
        await StartAsync();
        await UntilAsync("nx.example", NxDomain);
        Assert.Equal(1, _setting.Metric("minidns_rpz_malformed_records", "rpz.test."));
        Assert.Contains(_setting.Server.Log.Lines, l => l.Contains($"transfer from {_primary.Address}: warning: 33.0.0.0.10.rpz-ip.rpz.test.: 33 is not a prefix length", StringComparison.Ordinal));
        _primary.Publish("rpz.test.", Version(2, "nx.example CNAME .\n"));
        await NotifyAsync(2);
        Assert.Equal(0, _setting.Metric("minidns_rpz_malformed_records", "rpz.test."));
        Assert.Equal(1, _setting.Metric("minidns_rpz_transfers_total", "IXFR", "success"));
    }

    [Fact]
    public async Task A_zone_that_was_kept_holds_while_its_primary_is_down()
    {
        _primary.Publish("rpz.test.", Version(1, "nx.example CNAME .\n"));
        await StartAsync("store DIR/kept");
        await UntilAsync("nx.example", NxDomain);
        await _setting.Server.DisposeAsync();
        await _primary.StopAsync();
        Assert.Contains("nx.example.rpz.test.\t60\tIN\tCNAME\t.", await File.ReadAllTextAsync(Path.Combine(_setting.Directory, "kept", "rpz.test.zone")), StringComparison.Ordinal);
        await using RpzSetting after = new();
        Directory.Move(Path.Combine(_setting.Directory, "kept"), Path.Combine(after.Directory, "kept"));
        await after.StartAsync(Lines("store DIR/kept"));
        Assert.Equal(NxDomain, await after.AskAsync("nx.example"));

        // Even when it has expired.
        after.Server.Time.Advance(TimeSpan.FromDays(2));
        Assert.Null(after.Zones.Transfers[0].Present);
        Assert.Equal(NxDomain, await after.AskAsync("nx.example"));
    }

    [Fact]
    public async Task A_reload_of_the_configuration_goes_on_with_what_was_transferred()
    {
        _primary.Publish("rpz.test.", Version(1, "nx.example CNAME .\n"));
        await StartAsync();
        await UntilAsync("nx.example", NxDomain);
        int questions = _primary.Questions.Count;
        await StartAsync("policy nodata");
        Assert.Equal("NoError + rpz.test. 60 SOA", await _setting.AskAsync("nx.example"));
        Assert.Equal(questions, _primary.Questions.Count);
    }

    [Theory]
    [InlineData("store x", "'store' and 'max_size' are for zones that are transferred")]
    [InlineData("transfer from 127.0.0.1", "a zone is read from a file or transferred, not both")]
    [InlineData("transfer from *", "'*' is no address to transfer from")]
    public async Task What_is_wrong_is_said(string line, string error)
    {
        await using PluginHarness server = PluginHarness.Stanza("rpz {\nzone a {\nfile x\n" + line + "\n}\n}", plugins: [new RpzPlugin()]);
        Assert.Contains(error, server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_has_to_be_there()
    {
        await using PluginHarness server = PluginHarness.Stanza("rpz {\nzone a {\ntransfer from 127.0.0.1 key k.\n}\n}", plugins: [new RpzPlugin()]);
        Assert.Contains("rpz: transfer: there is no key 'k.'; define it with 'tsig { secret k. SECRET }'", server.Errors, StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _setting.DisposeAsync();
        await _primary.DisposeAsync();
    }

    private static string Version(uint serial, string rules) =>
        string.Create(CultureInfo.InvariantCulture, $"@ 60 SOA localhost. admin.localhost. {serial} 3600 600 86400 90\n@ 60 NS localhost.\n{rules.Replace(" CNAME ", " 60 CNAME ", StringComparison.Ordinal).Replace(" A ", " 60 A ", StringComparison.Ordinal)}");

    private string Lines(string options) => $"zone rpz.test {{\ntransfer from {_primary.Address}\n{options}\n}}";

    private Task<RpzSetting> StartAsync(string options = "") => _setting.StartAsync(Lines(options));

    private async Task NotifyAsync(uint serial)
    {
        Assert.True(_setting.Zones.TryFind(DnsName.Parse("rpz.test.").View, out INotifiedZone? zone));
        zone.Notify(ClientAddress.From(new IPEndPoint(IPAddress.Loopback, 5300)), serial);
        long deadline = Environment.TickCount64 + 30_000;
        while (_setting.Metric("minidns_rpz_serial", "rpz.test.") != serial)
        {
            Assert.True(Environment.TickCount64 < deadline, string.Join('\n', _setting.Server.Log.Lines));
            _setting.Server.Time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Delay(5);
        }
    }

    private async Task UntilAsync(string question, string expected)
    {
        long deadline = Environment.TickCount64 + 30_000;
        while (await _setting.AskAsync(question) != expected)
        {
            Assert.True(Environment.TickCount64 < deadline, string.Join('\n', _setting.Server.Log.Lines));
            _setting.Server.Time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Delay(5);
        }
    }
}
