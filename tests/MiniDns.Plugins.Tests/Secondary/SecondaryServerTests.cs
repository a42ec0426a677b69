using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MiniDns.Client;
using MiniDns.Client.Transfers;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;
using static MiniDns.Plugins.Tests.Secondary.SecondaryBench;

namespace MiniDns.Plugins.Tests.Secondary;

/// <summary>Whole servers on loopback: the scenarios that CoreDNS tests its secondaries with, and notifications.</summary>
public sealed class SecondaryServerTests : IAsyncLifetime
{
    private readonly FakePrimary _primary = new();
    private readonly List<DnsTestServer> _servers = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (DnsTestServer server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }

        await _primary.DisposeAsync();
    }

    [Fact]
    public async Task A_zone_goes_from_server_to_server()
    {
        DnsTestServer first = await StartAsync("example.org:0 {\nbind 127.0.0.1\nfile {DIR}/db.zone\ntransfer {\nto *\n}\n}\n", new() { ["db.zone"] = "$TTL 3600\n" + Text(1) });
        DnsTestServer second = await StartAsync($"example.org:0 {{\nbind 127.0.0.1\nsecondary {{\ntransfer from {first.Address}\n}}\n}}\n");
        Reply reply = await UntilAnsweredAsync(second, "example.org.", DnsRecordType.SOA);
        Assert.Contains("1 100 10 1000 300", reply.Answer[0], StringComparison.Ordinal);
        Assert.True(reply.Header.IsAuthoritative);
    }

    [Fact]
    public async Task What_the_zone_does_not_have_falls_through()
    {
        _primary.Publish(Zone, Text(1));
        await using FakeUpstream upstream = FakeUpstream.Answering("10.10.10.10");
        DnsTestServer server = await StartAsync($"example.org:0 {{\nbind 127.0.0.1\nsecondary {{\ntransfer from {_primary.Address}\nfallthrough\n}}\nforward . {upstream.Address}\n}}\n");
        Reply www = await UntilAnsweredAsync(server, "www.example.org.", DnsRecordType.A);
        Assert.Equal(["www.example.org. 300 IN A 192.0.2.1"], www.Answer);
        Reply other = await AskAsync(server, "other.example.org.", DnsRecordType.A);
        Assert.Contains("10.10.10.10", Assert.Single(other.Answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_primary_that_comes_late_is_found()
    {
        _primary.Publish(Zone, Text(1));
        await _primary.StopAsync();
        DnsTestServer server = await StartAsync($"example.org:0 {{\nbind 127.0.0.1\nsecondary {{\ntransfer from {_primary.Address}\n}}\n}}\n");
        Assert.Equal(DnsResponseCode.ServerFailure, (await AskAsync(server, "www.example.org.", DnsRecordType.A)).Code);
        _primary.Restart();
        await UntilAnsweredAsync(server, "www.example.org.", DnsRecordType.A);
    }

    [Fact]
    public async Task A_change_runs_down_a_chain_of_secondaries_by_notifications()
    {
        int[] ports = [FreePort(), FreePort()];
        DnsTestServer first = await StartAsync(
            $"example.org:0 {{\nbind 127.0.0.1\nfile {{DIR}}/db.zone {{\nreload 10ms\n}}\ntransfer {{\nto 127.0.0.1:{ports[0]}\n}}\n}}\n",
            new() { ["db.zone"] = "$TTL 3600\n" + Text(1, "3600 3600 86400") });
        DnsTestServer second = await StartAsync($"example.org:{ports[0]} {{\nbind 127.0.0.1\nsecondary {{\ntransfer from {first.Address}\n}}\ntransfer {{\nto 127.0.0.1:{ports[1]}\n}}\n}}\n");
        await UntilAnsweredAsync(second, "example.org.", DnsRecordType.SOA);
        DnsTestServer third = await StartAsync($"example.org:{ports[1]} {{\nbind 127.0.0.1\nsecondary {{\ntransfer from {second.Address}\n}}\n}}\n");
        await UntilAnsweredAsync(third, "example.org.", DnsRecordType.SOA);
        await File.WriteAllTextAsync(Path.Combine(first.Directory, "db.zone"), "$TTL 3600\n" + Text(2, "3600 3600 86400"));
        await UntilAnsweredAsync(third, "www.example.org.", DnsRecordType.A, r => r.Answer[0].EndsWith(" 192.0.2.2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rfc1996_3_a_primary_s_notification_is_answered_and_acted_upon()
    {
        _primary.Publish(Zone, Text(1, "3600 3600 86400"));
        DnsTestServer server = await StartAsync($"example.org:0 {{\nbind 127.0.0.1\nsecondary {{\ntransfer from {_primary.Address}\n}}\n}}\n");
        await UntilAnsweredAsync(server, "www.example.org.", DnsRecordType.A);
        _primary.Publish(Zone, Text(2, "3600 3600 86400"));
        DnsHeader reply = await NotifyAsync(server, Zone, DnsRecordType.SOA, IPAddress.Loopback, PrimaryRecord.Parse(Zone, Soa(2)));
        Assert.Equal((DnsOpcode.Notify, DnsResponseCode.NoError, true), (reply.Opcode, reply.ResponseCode, reply.IsAuthoritative));
        await UntilAnsweredAsync(server, "www.example.org.", DnsRecordType.A, r => r.Answer[0].EndsWith(" 192.0.2.2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rfc1996_3_10_a_stranger_s_notification_is_refused()
    {
        _primary.Publish(Zone, Text(1));
        DnsTestServer server = await StartAsync($"example.org:0 {{\nbind 127.0.0.1\nsecondary {{\ntransfer from {_primary.Address}\n}}\n}}\n");
        await UntilAnsweredAsync(server, "www.example.org.", DnsRecordType.A);
        DnsHeader reply = await NotifyAsync(server, Zone, DnsRecordType.SOA, IPAddress.Parse("127.0.0.9"), []);
        Assert.Equal(DnsResponseCode.Refused, reply.ResponseCode);
        Assert.Contains(server.Log.Lines, l => l.Contains("notify from 127.0.0.9:", StringComparison.Ordinal));
        Assert.Equal(["example.org. AXFR"], _primary.Questions);
    }

    [Theory]
    [InlineData("www.example.org.", DnsRecordType.SOA)]
    [InlineData("example.org.", DnsRecordType.NS)]
    public async Task A_notification_of_anything_else_is_not_ours(string name, DnsRecordType type)
    {
        _primary.Publish(Zone, Text(1));
        DnsTestServer server = await StartAsync($"example.org:0 {{\nbind 127.0.0.1\nsecondary {{\ntransfer from {_primary.Address}\n}}\n}}\n");
        DnsHeader reply = await NotifyAsync(server, name, type, IPAddress.Loopback, []);
        Assert.NotEqual(DnsResponseCode.NoError, reply.ResponseCode);
    }

    [Fact]
    public async Task Members_of_a_catalog_are_served_by_the_block_that_has_it()
    {
        _primary.Publish("catalog.example.", "@ SOA invalid. invalid. 1 100 10 1000 0\n@ NS invalid.\nversion TXT 2\nm1.zones PTR example.org.\n");
        _primary.Publish(Zone, Text(1));
        DnsTestServer server = await StartAsync($".:0 {{\nbind 127.0.0.1\nsecondary catalog.example {{\ntransfer from {_primary.Address}\ncatalog\n}}\n}}\n");
        await UntilAnsweredAsync(server, "www.example.org.", DnsRecordType.A);
    }

    [Theory]
    [InlineData("NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=", true)]
    [InlineData("X28hl0BOfAL5G0jsmJWSacrwn7YRm2f6U5brnzwWEus=", false)]
    public async Task Rfc8945_transfers_are_signed_and_checked(string secret, bool isRight)
    {
        DnsTestServer first = await StartAsync(
            "example.org:0 {\nbind 127.0.0.1\ntsig {\nsecret xfr NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=\nrequire all\n}\nfile {DIR}/db.zone\ntransfer {\nto *\n}\n}\n",
            new() { ["db.zone"] = "$TTL 3600\n" + Text(1) });
        DnsTestServer second = await StartAsync(
            $"example.org:0 {{\nbind 127.0.0.1\ntsig {{\nsecret xfr {secret}\n}}\nsecondary {{\ntransfer from {first.Address} key xfr\n}}\n}}\n");
        if (isRight)
        {
            await UntilAnsweredAsync(second, "www.example.org.", DnsRecordType.A);
            return;
        }

        await UntilAsync(() => second.Log.Lines.Count(l => l.Contains("no primary could help", StringComparison.Ordinal)) >= 2);
        Assert.Equal(DnsResponseCode.ServerFailure, (await AskAsync(second, "www.example.org.", DnsRecordType.A)).Code);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<Reply> AskAsync(DnsTestServer server, string name, DnsRecordType type)
    {
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] header = new byte[DnsHeader.Size];
        new DnsHeader(99, DnsHeader.RecursionDesiredFlag, 1, 0, 0, 0).Write(header);
        await client.SendAsync(new byte[][] { header, TransferMessage.Question(name, type) }.SelectMany(b => b).ToArray(), server.Address);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return new Reply((await client.ReceiveAsync(limit.Token)).Buffer);
    }

    private static async Task<Reply> UntilAnsweredAsync(DnsTestServer server, string name, DnsRecordType type, Func<Reply, bool>? fits = null)
    {
        var limit = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            Reply reply = await AskAsync(server, name, type);
            if (reply.Code == DnsResponseCode.NoError && reply.Answer.Count > 0 && fits?.Invoke(reply) != false)
            {
                return reply;
            }

            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(30), string.Create(CultureInfo.InvariantCulture, $"{name} {type}: {reply.Code} {string.Join(", ", reply.Answer)}\n{string.Join('\n', server.Log.Lines)}"));
            await Task.Delay(10);
        }
    }

    private static async Task<DnsHeader> NotifyAsync(DnsTestServer server, string zone, DnsRecordType type, IPAddress from, IReadOnlyCollection<PrimaryRecord> records)
    {
        using var client = new UdpClient(new IPEndPoint(from, 0));
        byte[] message = TransferMessage.Of(7, TransferMessage.Question(zone, type), records.Take(1).ToArray());
        new DnsHeader(7, (ushort)(((int)DnsOpcode.Notify << 11) | DnsHeader.AuthoritativeFlag), 1, (ushort)Math.Min(1, records.Count), 0, 0).Write(message);
        await client.SendAsync(message, server.Address);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        DnsHeader.TryRead((await client.ReceiveAsync(limit.Token)).Buffer, out DnsHeader header);
        return header;
    }

    private async Task<DnsTestServer> StartAsync(string corefile, Dictionary<string, string>? files = null)
    {
        DnsTestServer server = await DnsTestServer.StartAsync(corefile, files);
        _servers.Add(server);
        return server;
    }
}
