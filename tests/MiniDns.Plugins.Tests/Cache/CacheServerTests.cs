using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;
using Xunit.Abstractions;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>A whole server with clients in front of it and scripted upstreams behind it.</summary>
public class CacheServerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Ten_thousand_clients_that_ask_one_cold_name_at_once_cost_one_upstream_query()
    {
        const int Clients = 50;
        const int PerClient = 200;
        var gate = new TaskCompletionSource();
        await using var upstream = new FakeUpstream(async q =>
        {
            await gate.Task;
            await q.SendAsync(q.Answer("192.0.2.1"));
        });
        // The upstream is late: without hedge off it would be asked again.
        await using DnsTestServer server = await StartAsync($"cache\nforward . {upstream.Address} {{\nread_timeout 30s\nhedge off\n}}");
        Socket[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Connect(server.Address))];
        byte[] query = Query("www.example.org.");
        for (int i = 0; i < PerClient; i++)
        {
            foreach (Socket client in clients)
            {
                BinaryPrimitives.WriteUInt16BigEndian(query, (ushort)i);
                client.Send(query);
            }

            // Not faster than the server takes them in: what the kernel drops would not be asked again.
            int sent = (i + 1) * Clients;
            await UntilAsync(() => Metric(server, "minidns_cache_coalesced_total") == sent - 1);
        }

        Assert.Single(upstream.Queries);
        gate.SetResult();
        byte[] buffer = new byte[512];
        foreach (Socket client in clients)
        {
            var ids = new HashSet<int>();
            for (int i = 0; i < PerClient; i++)
            {
                using var patience = new CancellationTokenSource(Patience);
                int length = await client.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
                Assert.True(ids.Add(BinaryPrimitives.ReadUInt16BigEndian(buffer)));
                Assert.Equal("192.0.2.1", Reply.Read(buffer.AsSpan(0, length)).Address);
            }

            client.Dispose();
        }

        Assert.Single(upstream.Queries);
    }

    [Theory]
    [InlineData("serve_stale")]
    [InlineData("serve_stale 1h verify")]
    [InlineData("serve_stale 1h verify 1800ms 30s")]
    public async Task While_all_upstreams_are_dead_clients_get_stale_answers_and_fresh_ones_soon_after(string property)
    {
        bool isDead = false;
        Func<FakeQuery, Task> script = q => Volatile.Read(ref isDead) ? Task.CompletedTask : q.SendAsync(q.Answer("192.0.2.1"));
        await using var first = new FakeUpstream(script);
        await using var second = new FakeUpstream(script);
        await using DnsTestServer server = await StartAsync($"cache 1 {{\n{property}\n}}\nforward . {first.Address} {second.Address}");
        using Socket client = Connect(server.Address);
        Assert.Null((await AskAsync(client)).ExtendedError);
        Volatile.Write(ref isDead, true);

        // The entry lives for a second; from then on every answer is stale, whatever the upstreams do not say.
        var watch = new Stopwatch();
        TimeSpan slowest = TimeSpan.Zero;
        int stale = 0;
        for (int i = 0; stale < 40; i++)
        {
            Assert.True(i < 10_000);
            watch.Restart();
            Reply reply = await AskAsync(client);
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            Assert.Equal((DnsResponseCode.NoError, "192.0.2.1"), (reply.Code, reply.Address));
            stale += reply.ExtendedError == 3 ? 1 : 0;
            await Task.Delay(50);
        }

        output.WriteLine($"the slowest stale answer took {slowest.TotalMilliseconds:F0} ms");
        Volatile.Write(ref isDead, false);
        watch.Restart();
        while ((await AskAsync(client)).ExtendedError == 3)
        {
            Assert.True(watch.Elapsed < Patience);
            await Task.Delay(10);
        }

        output.WriteLine($"a fresh answer came after {watch.ElapsedMilliseconds} ms");
    }

    private static Task<DnsTestServer> StartAsync(string directives) => DnsTestServer.StartAsync($".:0 {{\nbind 127.0.0.1\n{directives}\n}}\n");

    private static double Metric(DnsTestServer server, string name) => server.Metrics.Snapshot().Where(s => s.Name == name).Sum(s => s.Read());

    private static Socket Connect(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        socket.Connect(server);
        return socket;
    }

    private static byte[] Query(string name)
    {
        byte[] header = new byte[DnsHeader.Size];
        new DnsHeader(1, DnsHeader.RecursionDesiredFlag, 1, 0, 0, 1).Write(header);
        return [.. header, .. DnsName.Parse(name).Wire, 0, (byte)DnsRecordType.A, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
    }

    private static async Task<Reply> AskAsync(Socket client)
    {
        byte[] buffer = new byte[512];
        await client.SendAsync(Query("www.example.org."));
        using var patience = new CancellationTokenSource(Patience);
        int length = await client.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
        return Reply.Read(buffer.AsSpan(0, length));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, "it did not come to pass");
            await Task.Yield();
        }
    }
}
