using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Server.Tests.Support;
using MiniDns.Testing;
using Xunit.Abstractions;

namespace MiniDns.Server.Tests.Hostile;

/// <summary>A million packets that no decent client sends: no exception, no lost listener, no growing memory.</summary>
public class HostileInputTests(ITestOutputHelper output)
{
    private const int Senders = 4;
    private const int DatagramBatch = 500;
    private const int FramesPerConnection = 2_000;

    private const string Corefile = """
        .:0 {
            bind 127.0.0.1
            hop
            cache
            hosts {
                192.168.1.10 web.mycompany.com
                2001:db8::10 web.mycompany.com
                fallthrough
            }
            whoami
        }
        """;

    [Theory]
    [InlineData(700_000, 300_000, false)]
    [InlineData(100_000, 50_000, true)]
    public async Task A_million_random_and_mutated_packets_change_nothing(int datagrams, int frames, bool waits)
    {
        // With a handler that waits, every query leaves its batch and is finished by another thread.
        var hop = new TestPlugin("hop", waits ? HopAsync : (query, next) => next.HandleAsync(query));
        await using DnsTestServer server = await DnsTestServer.StartAsync(Corefile, plugins: [hop, .. Plugins.PluginOrder.All]);

        // The cache and the pools fill first: what comes after must not grow.
        await SendAsync(server.Address, datagrams / 10, frames / 10, seed: 1000);
        (long heap, long resident) = Memory();

        await SendAsync(server.Address, datagrams, frames, seed: 0);

        (long heapAfter, long residentAfter) = Memory();
        output.WriteLine($"managed heap {heap >> 20} -> {heapAfter >> 20} MiB, resident {resident >> 20} -> {residentAfter >> 20} MiB");
        foreach (MiniDns.Diagnostics.MetricSeries series in server.Metrics.Snapshot())
        {
            output.WriteLine($"{series.Name} {series.Read()}");
        }

        AssertNoComplaint(server);
        Assert.Equal(0, server.Metrics.Snapshot().Single(m => m.Name == "coredns_panics_total").Read());

        // It did come through: most of it is not even a query, but a good part passes for one.
        Assert.InRange(server.Metrics.Snapshot().Where(m => m.Name == "coredns_cache_requests_total").Sum(m => m.Read()), (datagrams + frames) / 10, double.MaxValue);
        Assert.InRange(heapAfter - heap, long.MinValue, 48L << 20);
        Assert.InRange(residentAfter - resident, long.MinValue, 256L << 20);

        for (int i = 0; i < 20; i++)
        {
            // Each from another port, so that every socket of the server has its turn.
            using var udp = new UdpAsker(server.Address);
            AssertAnswered(await udp.AskAsync(Ask.For("web.mycompany.com.")));
        }

        using TcpClientStream tcp = await TcpClientStream.ConnectAsync(server.Address);
        AssertAnswered(await tcp.AskAsync(Ask.For("web.mycompany.com.")));
        await server.StopAsync();
        AssertNoComplaint(server);
    }

    private static void AssertNoComplaint(DnsTestServer server) =>
        Assert.DoesNotContain(server.Log.Lines, l => !l.StartsWith("[Debug]", StringComparison.Ordinal) && !l.StartsWith("[Information]", StringComparison.Ordinal));

    private static async ValueTask<Queries.DnsOutcome> HopAsync(Queries.DnsQuery query, Plugins.IDnsHandler next)
    {
        await Task.Yield();
        return await next.HandleAsync(query);
    }

    private static void AssertAnswered(byte[] reply) => Assert.Equal("C0A8010A", Assert.Single(new ParsedMessage(reply).Records).Rdata);

    private static Task SendAsync(IPEndPoint server, int datagrams, int frames, int seed) => Task.WhenAll(Enumerable.Range(0, Senders).Select(i => Task.Run(() =>
        i < Senders / 2
            ? SendDatagramsAsync(server, datagrams / (Senders / 2), seed + i)
            : SendFramesAsync(server, frames / (Senders / 2), seed + i))));

    private static async Task SendDatagramsAsync(IPEndPoint server, int count, int seed)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        await socket.ConnectAsync(server);
        var packets = new HostilePackets(seed);
        byte[] probe = Ask.For("probe.example.");
        byte[] reply = new byte[4096];
        for (int sent = 0; sent < count;)
        {
            for (int i = 0; i < DatagramBatch && sent < count; i++, sent++)
            {
                socket.Send(packets.Next());
            }

            // What comes from one port goes to one socket of the server in order: once this is answered, the batch is done.
            BinaryPrimitives.WriteUInt16BigEndian(probe, (ushort)sent);
            bool answered = false;
            for (int attempt = 0; attempt < 100 && !answered; attempt++)
            {
                socket.Send(probe);
                while (!answered && socket.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectRead))
                {
                    int length = socket.Receive(reply);
                    answered = length > probe.Length && reply.AsSpan(0, 2).SequenceEqual(probe.AsSpan(0, 2)) && reply.AsSpan(12, probe.Length - 12).SequenceEqual(probe.AsSpan(12));
                }
            }

            Assert.True(answered, "the server answers no more over UDP");
        }
    }

    private static async Task SendFramesAsync(IPEndPoint server, int count, int seed)
    {
        var packets = new HostilePackets(seed);
        var random = new Random(seed);
        for (int sent = 0; sent < count; sent += FramesPerConnection)
        {
            using TcpClientStream client = await TcpClientStream.ConnectAsync(server);
            Task closed = client.ClosedAsync();
            var octets = new MemoryStream();
            byte[] prefix = new byte[2];
            for (int i = 0; i < FramesPerConnection; i++)
            {
                ReadOnlySpan<byte> packet = packets.Next();
                bool lies = random.Next(FramesPerConnection) == 0;
                BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)(lies ? random.Next(65536) : packet.Length));
                octets.Write(prefix);
                octets.Write(packet);
            }

            try
            {
                await client.SendRawAsync(octets.ToArray());
                client.Socket.Shutdown(SocketShutdown.Send);
                await closed;
            }
            catch (SocketException)
            {
                // The server has had enough of this one.
            }
        }
    }

    private static (long Heap, long Resident) Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }
}
