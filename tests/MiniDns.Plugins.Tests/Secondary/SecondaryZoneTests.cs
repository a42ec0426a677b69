using System.Net;
using MiniDns.Plugins.Primaries;
using MiniDns.Plugins.Secondary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;
using static MiniDns.Plugins.Tests.Secondary.SecondaryBench;

namespace MiniDns.Plugins.Tests.Secondary;

public sealed class SecondaryZoneTests : IAsyncLifetime
{
    private readonly SecondaryBench _bench = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task A_zone_is_transferred_at_the_start()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        Assert.Equal(1u, _bench.Serial());
        Assert.Equal(["example.org. AXFR"], _bench.Primary.Questions);
    }

    [Fact]
    public async Task Without_a_primary_it_is_tried_again_until_there_is_one()
    {
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        Assert.Null(_bench.Serial());
        Assert.False(_bench.Find().IsExpired);
        await _bench.AdvanceUntilAsync(() => _bench.Primary.Questions.Count >= 8, 60);
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.AdvanceUntilAsync(() => _bench.Serial() == 1, 12);
    }

    [Fact]
    public async Task Rfc1034_4_3_5_after_the_refresh_interval_the_serial_number_is_compared()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        await _bench.AdvanceAsync(99);
        Assert.Single(_bench.Primary.Questions);
        await _bench.AdvanceAsync(7);
        Assert.Equal(["example.org. AXFR", "example.org. SOA"], _bench.Primary.Questions);
        _bench.Primary.Publish(Zone, Text(2));
        await _bench.AdvanceAsync(106);
        Assert.Equal(2u, _bench.Serial());
        Assert.Equal(["example.org. AXFR", "example.org. SOA", "example.org. SOA", "example.org. IXFR 1"], _bench.Primary.Questions);
    }

    [Fact]
    public async Task Rfc1034_4_3_5_without_an_answer_it_is_tried_again_and_given_up_at_last()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        await _bench.Primary.StopAsync();
        for (int i = 0; i < 99; i++)
        {
            await _bench.AdvanceAsync(10);
            Assert.Equal(1u, _bench.Serial());
        }

        await _bench.AdvanceAsync(10);
        Assert.Null(_bench.Serial());
        Assert.True(_bench.Find().IsExpired);
        Assert.Single(_bench.Log.Lines, l => l.Contains("has expired", StringComparison.Ordinal));

        // The same version does when it is confirmed again, without a transfer.
        _bench.Primary.Restart();
        await _bench.AdvanceUntilAsync(() => _bench.Serial() == 1, 13);
        Assert.Equal("example.org. SOA", _bench.Primary.Questions[^1]);
        Assert.Single(_bench.Primary.Questions, q => q.EndsWith("AXFR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Data_expires_while_a_primary_keeps_us_waiting()
    {
        _bench.Primary.Publish(Zone, Text(1, "100 10 200"));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        var gate = new TaskCompletionSource();
        _bench.Primary.Gate = gate.Task;
        _bench.Time.Advance(TimeSpan.FromSeconds(106));
        await UntilAsync(() => _bench.Primary.Questions.Count == 2);
        await UntilAsync(() =>
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            return _bench.Find().IsExpired;
        });
        gate.SetResult();
    }

    [Fact]
    public async Task Rfc1996_a_notification_has_the_primary_asked_at_once()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        _bench.Primary.Publish(Zone, Text(2));
        _bench.Notify(serial: 2);
        await _bench.SettleAsync(() => _bench.Serial() == 2);
    }

    [Fact]
    public async Task Rfc1996_a_notification_of_what_we_have_changes_nothing()
    {
        _bench.Primary.Publish(Zone, Text(5));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        _bench.Notify(serial: 5);
        _bench.Notify(serial: 4);
        await _bench.AdvanceAsync(1);
        Assert.Single(_bench.Primary.Questions);
    }

    [Fact]
    public async Task A_notification_during_a_transfer_has_the_primary_asked_once_more()
    {
        _bench.Primary.Publish(Zone, Text(1));
        var gate = new TaskCompletionSource();
        _bench.Primary.Gate = gate.Task;
        await _bench.StartAsync();
        _bench.Time.Advance(TimeSpan.Zero);
        await UntilAsync(() => _bench.Primary.Questions.Count == 1);
        for (int i = 0; i < 50; i++)
        {
            _bench.Notify();
        }

        await Task.Yield();
        await UntilAsync(() => ThreadPool.PendingWorkItemCount == 0);
        gate.SetResult();
        await UntilAsync(() => _bench.Primary.Questions.Count >= 2);
        await _bench.AdvanceAsync(0);
        Assert.Equal("example.org. SOA", _bench.Primary.Questions[1]);
        Assert.InRange(_bench.Primary.Questions.Count, 2, 5);
    }

    [Theory]
    [InlineData("answers with an error")]
    [InlineData("sends changes that do not apply")]
    [InlineData("sends nonsense")]
    public async Task When_changes_cannot_be_had_the_whole_zone_is(string how)
    {
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        _bench.Primary.Publish(Zone, Text(2));
        _bench.Primary.Script = q => q.Type != DnsRecordType.IXFR ? null : how switch
        {
            "answers with an error" => [TransferMessage.Of(q.Id, q.Question, [], DnsResponseCode.NotImplemented)],
            "sends nonsense" => [TransferMessage.Of(q.Id, q.Question, PrimaryRecord.Parse(Zone, "www A 192.0.2.1\n"))],
            _ => [TransferMessage.Of(q.Id, q.Question, [Record(2), Record(1), PrimaryRecord.Parse(Zone, "nobody A 192.0.2.9\n")[0], Record(2), Record(2)])],
        };
        _bench.Notify();
        await _bench.SettleAsync(() => _bench.Serial() == 2);
        Assert.Equal(["example.org. IXFR 1", "example.org. AXFR"], _bench.Primary.Questions.TakeLast(2));
    }

    [Fact]
    public async Task A_primary_with_an_older_version_is_passed_over()
    {
        await using var stale = new FakePrimary();
        stale.Publish(Zone, Text(5));
        _bench.Primary.Publish(Zone, Text(5));
        await _bench.StartAsync(_bench.Options(primaries: [stale.Address, _bench.Primary.Address]));
        await _bench.AdvanceAsync(0);
        stale.Withdraw(Zone);
        stale.Publish(Zone, Text(3));
        _bench.Primary.Publish(Zone, Text(6));
        await _bench.AdvanceAsync(106);
        Assert.Equal(6u, _bench.Serial());
        Assert.DoesNotContain(_bench.Primary.Questions, q => q.EndsWith("AXFR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Primaries_are_tried_in_turn()
    {
        await using var dead = new FakePrimary();
        await dead.StopAsync();
        await using var ignorant = new FakePrimary();
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync(_bench.Options(primaries: [dead.Address, ignorant.Address, _bench.Primary.Address]));
        await _bench.AdvanceAsync(0);
        Assert.Equal(1u, _bench.Serial());
        Assert.Equal(["example.org. AXFR"], ignorant.Questions);
    }

    [Fact]
    public async Task The_primary_that_notifies_is_asked_first()
    {
        await using var other = new FakePrimary(IPAddress.Parse("127.0.0.2"));
        other.Publish(Zone, Text(1));
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync(_bench.Options(primaries: [_bench.Primary.Address, other.Address]));
        await _bench.AdvanceAsync(0);
        other.Publish(Zone, Text(2));
        _bench.Notify(from: other.Address.Address);
        await _bench.SettleAsync(() => _bench.Serial() == 2);
        Assert.Single(_bench.Primary.Questions);
    }

    [Fact]
    public async Task A_primary_that_does_not_answer_holds_up_its_zones_once()
    {
        using var silent = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var address = (IPEndPoint)silent.LocalEndPoint!;
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync(_bench.Options(primaries: [address, _bench.Primary.Address]));
        await UntilAsync(() =>
        {
            _bench.Time.Advance(TimeSpan.FromSeconds(1));
            return _bench.Serial() == 1;
        });
        Assert.True(_bench.Slots.IsSilent(address, _bench.Time));
        Assert.False(_bench.Slots.IsSilent(_bench.Primary.Address, _bench.Time));
        _bench.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.False(_bench.Slots.IsSilent(address, _bench.Time));
    }

    [Fact]
    public async Task Conversations_are_bounded()
    {
        await using var bench = new SecondaryBench { Slots = new TransferSlots(3) };
        var gate = new TaskCompletionSource();
        bench.Primary.Gate = gate.Task;
        string[] names = [.. Enumerable.Range(0, 20).Select(i => $"z{i}.example.")];
        foreach (string name in names)
        {
            bench.Primary.Publish(name, Text(1));
        }

        await bench.StartAsync([.. names.Select(n => bench.Options(n))]);
        bench.Time.Advance(TimeSpan.Zero);
        await UntilAsync(() => bench.Primary.Questions.Count == 3);
        Assert.Equal(0, bench.Zones.Zones.All.ToArray().Count(z => z.Current is not null));
        gate.SetResult();
        await bench.AdvanceAsync(0);
        Assert.All(names, n => Assert.Equal(1u, bench.Serial(n)));
        Assert.Equal(3, bench.Primary.MostAtOnce);
    }

    [Fact]
    public async Task A_reload_of_the_Corefile_keeps_data_and_timers()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        await _bench.AdvanceAsync(50);
        await _bench.StartAsync();
        Assert.Equal(1u, _bench.Serial());
        await _bench.AdvanceAsync(10);
        Assert.Single(_bench.Primary.Questions);
        await _bench.AdvanceAsync(46);
        Assert.Equal(2, _bench.Primary.Questions.Count);

        // Other primaries may have something else.
        await using var other = new FakePrimary();
        other.Publish(Zone, Text(9));
        await _bench.StartAsync(_bench.Options(primaries: [other.Address]));
        await _bench.AdvanceAsync(0);
        Assert.Equal(9u, _bench.Serial());
    }

    [Fact]
    public async Task Stopping_calls_off_what_is_under_way()
    {
        var gate = new TaskCompletionSource();
        _bench.Primary.Gate = gate.Task;
        await _bench.StartAsync();
        _bench.Time.Advance(TimeSpan.Zero);
        await UntilAsync(() => _bench.Primary.Questions.Count == 1);
        await _bench.StopAsync();
        gate.SetResult();
    }

    [Fact]
    public async Task Counters_tell_of_transfers_and_questions()
    {
        _bench.Primary.Publish(Zone, Text(1));
        await _bench.StartAsync();
        await _bench.AdvanceAsync(0);
        _bench.Primary.Publish(Zone, Text(2));
        await _bench.AdvanceAsync(106);
        await _bench.AdvanceAsync(106);
        Dictionary<string, double> counts = _bench.Metrics.Snapshot().ToDictionary(s => $"{s.Name} {string.Join(' ', s.Labels.Select(l => l.Value))}", s => s.Read(), StringComparer.Ordinal);
        Assert.Equal(1, counts["minidns_secondary_transfers_total AXFR success"]);
        Assert.Equal(1, counts["minidns_secondary_transfers_total IXFR success"]);
        Assert.Equal(1, counts["minidns_secondary_checks_total newer"]);
        Assert.Equal(1, counts["minidns_secondary_checks_total current"]);
    }

    private static PrimaryRecord Record(uint serial) => PrimaryRecord.Parse(Zone, Soa(serial))[0];
}
