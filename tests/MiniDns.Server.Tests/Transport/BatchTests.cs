using System.Net;
using System.Net.Sockets;
using MiniDns.Server.Tests.Support;
using MiniDns.Server.Transport;
using MiniDns.Sockets;

namespace MiniDns.Server.Tests.Transport;

/// <summary>The batching system calls by themselves.</summary>
public class BatchTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_batch_receives_and_sends_each_datagram_with_its_peer(string address)
    {
        using Socket server = Bound(address);
        Socket[] clients = [.. Enumerable.Range(0, 5).Select(_ => Bound(address))];
        var receive = new ReceiveBatch(8, packetInfo: false);
        var send = new SendBatch(8);
        byte[][] buffers = [.. Enumerable.Range(0, 8).Select(_ => GC.AllocateUninitializedArray<byte>(64, pinned: true))];
        PeerAddress[] peers = [.. Enumerable.Range(0, 8).Select(_ => new PeerAddress())];
        for (int i = 0; i < 8; i++)
        {
            receive.Attach(i, buffers[i], peers[i]);
        }

        Assert.Equal(0, receive.Receive(server.SafeHandle, out int error));
        Assert.Equal(0, error);
        for (int i = 0; i < 5; i++)
        {
            clients[i].SendTo(new byte[i + 60], server.LocalEndPoint!);
        }

        int received = 0;
        await Eventually.TrueAsync(() => server.Available > 0 && (received = receive.Receive(server.SafeHandle, out _)) > 0, "datagrams come");
        Assert.Equal(5, received);
        for (int i = 0; i < 5; i++)
        {
            var client = (IPEndPoint)clients[i].LocalEndPoint!;
            Assert.Equal(client.Port, peers[i].Port);
            Assert.Equal(client.Address.GetAddressBytes(), peers[i].Octets.ToArray());
            Assert.Equal(i > 4 ? 64 : Math.Min(64, i + 60), receive.LengthOf(i));
            Assert.False(receive.IsTruncated(i));
            Assert.True(peers[i].LocalOctets.IsEmpty);
            buffers[i][0] = (byte)i;
            send.Add(buffers[i], i + 1, peers[i]);
        }

        Assert.Equal(5, send.Count);
        Assert.Equal(0, send.Flush(server.SafeHandle, out error));
        Assert.Equal(0, error);
        Assert.Equal(0, send.Count);
        byte[] reply = new byte[64];
        for (int i = 0; i < 5; i++)
        {
            using var patience = new CancellationTokenSource(Eventually.Patience);
            Assert.Equal(i + 1, await clients[i].ReceiveAsync(reply, SocketFlags.None, patience.Token));
            Assert.Equal(i, reply[0]);
            clients[i].Dispose();
        }
    }

    [Fact]
    public async Task A_datagram_longer_than_its_buffer_is_known_as_such()
    {
        using Socket server = Bound("127.0.0.1");
        using Socket client = Bound("127.0.0.1");
        var receive = new ReceiveBatch(1, packetInfo: false);
        receive.Attach(0, GC.AllocateUninitializedArray<byte>(16, pinned: true), new PeerAddress());
        client.SendTo(new byte[17], server.LocalEndPoint!);
        client.SendTo(new byte[16], server.LocalEndPoint!);
        foreach (bool truncated in (bool[])[true, false])
        {
            await Eventually.TrueAsync(() => receive.Receive(server.SafeHandle, out _) == 1, "a datagram comes");
            Assert.Equal(truncated, receive.IsTruncated(0));
            Assert.Equal(16, receive.LengthOf(0));
        }
    }

    [Fact]
    public void A_datagram_that_cannot_be_sent_does_not_hold_up_the_others()
    {
        using Socket server = Bound("127.0.0.1");
        using Socket client = Bound("127.0.0.1");
        var send = new SendBatch(3);
        byte[] buffer = GC.AllocateUninitializedArray<byte>(16, pinned: true);
        var good = new PeerAddress();
        good.Set((IPEndPoint)client.LocalEndPoint!);
        var bad = new PeerAddress();
        bad.Set(new IPEndPoint(IPAddress.Loopback, 0));
        send.Add(buffer, 1, good);
        send.Add(buffer, 2, bad);
        send.Add(buffer, 3, good);
        Assert.True(send.IsFull);
        Assert.Throws<InvalidOperationException>(() => send.Add(buffer, 4, good));
        Assert.Equal(1, send.Flush(server.SafeHandle, out int error));
        Assert.NotEqual(0, error);
        byte[] reply = new byte[16];
        Assert.Equal(1, client.Receive(reply));
        Assert.Equal(3, client.Receive(reply));
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("127.0.0.1", true)]
    public void Datagrams_to_one_receiver_arrive_one_by_one_as_they_were_added(string address, bool kernelRefuses)
    {
        using Socket server = Bound(address);
        Socket[] clients = [Bound(address), Bound(address)];
        if (kernelRefuses)
        {
            // A socket that sends no checksums may not have its datagrams joined.
            const int SocketLevel = 1;
            const int NoChecksums = 11;
            server.SetRawSocketOption(SocketLevel, NoChecksums, [1, 0, 0, 0]);
        }

        PeerAddress[] peers = [.. clients.Select(c => Peer((IPEndPoint)c.LocalEndPoint!)), .. clients.Select(c => Peer((IPEndPoint)c.LocalEndPoint!))];
        var random = new Random(7);
        var send = new SendBatch(64);
        byte[] reply = new byte[4096];
        for (int turn = 0; turn < 50; turn++)
        {
            List<byte[]>[] expected = [[], []];
            while (!send.IsFull)
            {
                // Runs of one size to one client, as from a forwarder; single ones; some that are too long to be joined.
                int client = random.Next(2);
                int size = random.Next(8) == 0 ? random.Next(1233, 1400) : random.Next(1, 1233);
                for (int i = random.Next(1, 12); i > 0 && !send.IsFull; i--)
                {
                    byte[] datagram = GC.AllocateUninitializedArray<byte>(size, pinned: true);
                    random.NextBytes(datagram);
                    send.Add(datagram, size, peers[client + (random.Next(2) * 2)]);
                    expected[client].Add(datagram);
                    size = random.Next(6) == 0 ? random.Next(1, size + 1) : size;
                }
            }

            Assert.Equal(0, send.Flush(server.SafeHandle, out int error));
            Assert.Equal(0, error);
            for (int i = 0; i < 2; i++)
            {
                foreach (byte[] datagram in expected[i])
                {
                    int length = clients[i].Receive(reply);
                    Assert.True(datagram.AsSpan().SequenceEqual(reply.AsSpan(0, length)), $"turn {turn}: {length} octets instead of {datagram.Length}, or others");
                }

                Assert.Equal(0, clients[i].Available);
            }
        }

        Array.ForEach(clients, c => c.Dispose());

        static PeerAddress Peer(IPEndPoint address)
        {
            var peer = new PeerAddress();
            peer.Set(address);
            return peer;
        }
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task Joined_replies_leave_from_the_address_that_was_asked(AddressFamily family)
    {
        (Socket[] sockets, Socket stream) = BoundSockets.Open(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), udpSockets: 1);
        stream.Dispose();
        using Socket server = sockets[0];
        int port = ((IPEndPoint)server.LocalEndPoint!).Port;
        using Socket client = Bound("127.0.0.1");
        client.ReceiveTimeout = (int)Eventually.Patience.TotalMilliseconds;
        var receive = new ReceiveBatch(8, packetInfo: true);
        var send = new SendBatch(8);
        byte[][] buffers = [.. Enumerable.Range(0, 8).Select(_ => GC.AllocateUninitializedArray<byte>(64, pinned: true))];
        PeerAddress[] peers = [.. Enumerable.Range(0, 8).Select(_ => new PeerAddress())];
        for (int i = 0; i < 8; i++)
        {
            receive.Attach(i, buffers[i], peers[i]);
        }

        string[] asked = ["127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3"];
        foreach (string address in asked)
        {
            client.SendTo(new byte[20], new IPEndPoint(IPAddress.Parse(address), port));
        }

        await Eventually.TrueAsync(() => server.Available > 0, "datagrams come");
        Assert.Equal(4, receive.Receive(server.SafeHandle, out _));
        for (int i = 0; i < 4; i++)
        {
            peers[i].TurnRound();
            buffers[i][0] = (byte)i;
            send.Add(buffers[i], 20, peers[i]);
        }

        Assert.Equal(0, send.Flush(server.SafeHandle, out _));
        byte[] reply = new byte[64];
        for (int i = 0; i < 4; i++)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            Assert.Equal(20, client.ReceiveFrom(reply, ref from));
            Assert.Equal(i, reply[0]);
            Assert.Equal(new IPEndPoint(IPAddress.Parse(asked[i]), port), from);
        }
    }

    [Fact]
    public async Task A_wait_ends_by_the_event_or_by_a_datagram()
    {
        using Socket server = Bound("127.0.0.1");
        using Socket client = Bound("127.0.0.1");
        using var wake = new WakeEvent();
        bool[] ready = new bool[1];
        Assert.False(SocketWait.ForReading([server.SafeHandle], ready, wake, 0));
        Assert.False(ready[0]);

        wake.Set();
        Assert.True(SocketWait.ForReading([server.SafeHandle], ready, wake, -1));
        Assert.False(ready[0]);
        wake.Reset();
        Assert.False(SocketWait.ForReading([server.SafeHandle], ready, wake, 0));

        Task<bool> waiting = Task.Run(() => SocketWait.ForReading([server.SafeHandle], ready, wake, -1));
        client.SendTo(new byte[1], server.LocalEndPoint!);
        Assert.False(await waiting.WaitAsync(Eventually.Patience));
        Assert.True(ready[0]);
        Assert.True(SocketWait.ForSending(server.SafeHandle, 0));
    }

    [Fact]
    public void A_batch_on_a_thread_flushes_once_at_its_outermost_end()
    {
        var work = new Flushes();
        Assert.False(ThreadBatch.TryPutOff(work));
        ThreadBatch.Open();
        ThreadBatch.Open();
        Assert.True(ThreadBatch.TryPutOff(work));
        Assert.True(ThreadBatch.TryPutOff(work));
        ThreadBatch.Close();
        Assert.Equal(0, work.Count);
        ThreadBatch.Close();
        Assert.Equal(1, work.Count);
        Assert.False(ThreadBatch.TryPutOff(work));
    }

    [Fact]
    public void One_flush_that_throws_does_not_lose_the_others()
    {
        var bad = new Flushes { Throws = true };
        var good = new Flushes();
        ThreadBatch.Open();
        ThreadBatch.TryPutOff(bad);
        ThreadBatch.TryPutOff(good);
        Assert.Throws<InvalidOperationException>(ThreadBatch.Close);
        Assert.Equal(1, good.Count);

        // And none of them is done again by the next batch.
        ThreadBatch.Open();
        ThreadBatch.Close();
        Assert.Equal(1, good.Count);
        Assert.Equal(1, bad.Count);
    }

    private static Socket Bound(string address)
    {
        var at = IPAddress.Parse(address);
        var socket = new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(at, 0));
        return socket;
    }

    private sealed class Flushes : IFlushable
    {
        public int Count { get; private set; }

        public bool Throws { get; init; }

        public void Flush()
        {
            Count++;
            if (Throws)
            {
                throw new InvalidOperationException("on purpose");
            }
        }
    }
}
