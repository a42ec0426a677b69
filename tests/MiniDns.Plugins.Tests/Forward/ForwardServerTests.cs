using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using MiniDns.Client;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>A whole server with clients on UDP and TCP in front of it and scripted upstreams behind it.</summary>
public sealed class ForwardServerTests
{
    [Fact]
    public async Task Many_clients_at_once_each_get_their_own_answer()
    {
        var delays = new Random(1);
        await using var upstream = new FakeUpstream(async q =>
        {
            int delay;
            lock (delays)
            {
                delay = delays.Next(20);
            }

            await Task.Delay(delay);
            int number = int.Parse(q.Name.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
            await q.SendAsync(q.Answer($"10.1.{number / 256}.{number % 256}"));
        });
        await using DnsTestServer server = await StartAsync($"forward . {upstream.Address}");
        int[] answered = await Task.WhenAll(Enumerable.Range(0, 40).Select(client => Task.Run(async () =>
        {
            int count = 0;
            for (int i = 0; i < 25; i++)
            {
                int number = (client * 25) + i;
                byte[] answer = await AskAsync(server.Address, $"{number}.example.org.");
                Assert.Equal($"10.1.{number / 256}.{number % 256}", new IPAddress(answer.AsSpan(answer.Length - 4)).ToString());
                count++;
            }

            return count;
        })));
        Assert.Equal(1000, answered.Sum());
    }

    [Fact]
    public async Task Over_TCP_answers_overtake_each_other()
    {
        var release = new TaskCompletionSource();
        await using var upstream = new FakeUpstream(async q =>
        {
            if (q.Name.StartsWith("slow", StringComparison.Ordinal))
            {
                await release.Task;
            }

            await q.SendAsync(q.Answer("192.0.2.1"));
        });
        await using DnsTestServer server = await StartAsync($"forward . {upstream.Address}");
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address);
        NetworkStream stream = client.GetStream();
        byte[] both = [.. Framed(1, "slow.example.org."), .. Framed(2, "fast.example.org.")];
        await stream.WriteAsync(both);
        Assert.Equal(2, await ReadIdAsync(stream));
        release.SetResult();
        Assert.Equal(1, await ReadIdAsync(stream));
        Assert.All(upstream.Queries, q => Assert.True(q.IsTcp));
    }

    [Fact]
    public async Task Stopping_answers_what_is_under_way()
    {
        var release = new TaskCompletionSource();
        await using FakeUpstream upstream = FakeUpstream.AnsweringAfter(release.Task);
        await using DnsTestServer server = await StartAsync($"forward . {upstream.Address}");
        Task<byte[]> asked = AskAsync(server.Address, "www.example.org.");
        await UntilAsync(() => !upstream.Queries.IsEmpty);
        Task stopped = server.StopAsync();
        release.SetResult();
        Assert.True(DnsHeader.TryRead(await asked, out DnsHeader header));
        Assert.Equal(DnsResponseCode.NoError, header.ResponseCode);
        await stopped;
    }

    [Fact]
    public async Task An_upstream_that_goes_away_and_comes_back_is_found_again()
    {
        IPEndPoint address;
        await using (var closed = new FakeUpstream(_ => Task.CompletedTask, udp: false, tcp: false))
        {
            address = closed.Address;
        }

        await using DnsTestServer server = await StartAsync($"forward . {address} {{\n health_check 20ms\n }}");
        Assert.Equal(DnsResponseCode.ServerFailure, CodeOf(await AskAsync(server.Address, "www.example.org.")));
        await UntilAsync(() => server.Log.Lines.Any(l => l.Contains("is down", StringComparison.Ordinal)));
        await using var second = new FakeUpstream(q => q.SendAsync(q.Answer("192.0.2.1")), address: address);
        await UntilAsync(() => server.Log.Lines.Any(l => l.Contains("answers again", StringComparison.Ordinal)));
        Assert.Equal(DnsResponseCode.NoError, CodeOf(await AskAsync(server.Address, "www.example.org.")));
    }

    private static Task<DnsTestServer> StartAsync(string directives) =>
        DnsTestServer.StartAsync(".:0 {\nbind 127.0.0.1\n" + directives + "\n}\n");

    private static async Task<byte[]> AskAsync(IPEndPoint server, string name)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await PlainExchange.AskAsync(server, DnsName.Parse(name), DnsRecordType.A, timeout.Token);
    }

    private static DnsResponseCode CodeOf(byte[] message) => DnsHeader.TryRead(message, out DnsHeader header) ? header.ResponseCode : default;

    private static byte[] Framed(ushort id, string name)
    {
        byte[] message = new byte[512];
        int length = PlainExchange.WriteQuery(message.AsSpan(2), DnsName.Parse(name).View, DnsRecordType.A, recursionDesired: true);
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), id);
        return message[..(length + 2)];
    }

    private static async Task<int> ReadIdAsync(NetworkStream stream)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, timeout.Token);
        byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(message, timeout.Token);
        return BinaryPrimitives.ReadUInt16BigEndian(message);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        long deadline = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "the condition did not come true in time");
            await Task.Delay(5);
        }
    }
}
