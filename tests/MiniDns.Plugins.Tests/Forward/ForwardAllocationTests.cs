using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>Counts what all threads of the process allocate, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(ForwardAllocationTests), DisableParallelization = true)]
[Collection(nameof(ForwardAllocationTests))]
public sealed class ForwardAllocationTests
{
    private const int Queries = 2000;

    [Fact]
    public async Task A_forwarded_query_allocates_nothing()
    {
        using var upstream = new Echo();
        await using PluginHarness harness = await PluginHarness.Stanza($"forward . {upstream.Address}").StartAsync();
        long least = LeastOf(12, harness.Chain, harness.Chain.Begin("www.example.org.", DnsRecordType.A));

        // What is left, if anything, is the runtime's own: far less than the smallest object for every query.
        Assert.True(least < Queries, $"{least / (double)Queries:0.0} octets per query");
    }

    [Fact]
    public async Task In_a_whole_server_a_forwarded_query_costs_one_small_object_at_most()
    {
        using var upstream = new Echo();
        await using DnsTestServer server = await DnsTestServer.StartAsync($$"""
            .:0 {
                bind 127.0.0.1
                forward . {{upstream.Address}}
            }
            """);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 20_000 };
        client.Connect(server.Address);
        byte[] query = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, (byte)'w', (byte)'w', (byte)'w', 0, 0, 1, 0, 1];
        byte[] answer = new byte[512];
        long least = long.MaxValue;
        for (int round = 0; round < 12; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Queries; i++)
            {
                client.Send(query);
                int length = client.Receive(answer);
                Assert.True(length == query.Length && answer[1] == 7 && (answer[2] & 0x80) != 0);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // Nothing is kept for a query's sake; the rest is what timers and pools that grow may take.
        Assert.True(least < Queries * 8, $"{least / (double)Queries:0.0} octets per query");
    }

    /// <summary>Asks the same question over and over, and tells what the thriftiest round allocated.</summary>
    private static long LeastOf(int rounds, ChainHarness chain, int length)
    {
        using var done = new ManualResetEventSlim();
        Action finished = done.Set;
        long least = long.MaxValue;

        // The first rounds warm up: buffers, pools, compiled code.
        for (int round = 0; round < rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Queries; i++)
            {
                chain.BeginAgain(length);
                ValueTask<DnsOutcome> pending = chain.Handler.HandleAsync(chain.Query);
                ConfiguredValueTaskAwaitable<DnsOutcome>.ConfiguredValueTaskAwaiter awaiter = pending.ConfigureAwait(false).GetAwaiter();
                if (!awaiter.IsCompleted)
                {
                    done.Reset();
                    awaiter.UnsafeOnCompleted(finished);
                    Assert.True(done.Wait(TimeSpan.FromSeconds(20)));
                }

                Assert.True(awaiter.GetResult() == DnsOutcome.Replied && chain.Query.Response.Form == ResponseForm.Wire);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }

    /// <summary>Answers every query with itself and the response bit, without allocating.</summary>
    private sealed class Echo : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly Thread _thread;

        public Echo()
        {
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Address = (IPEndPoint)_socket.LocalEndPoint!;
            _thread = new Thread(Serve) { IsBackground = true };
            _thread.Start();
        }

        public IPEndPoint Address { get; }

        public void Dispose()
        {
            _socket.Dispose();
            _thread.Join();
        }

        private void Serve()
        {
            byte[] buffer = new byte[512];
            var from = new SocketAddress(AddressFamily.InterNetwork);
            try
            {
                while (true)
                {
                    int length = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
                    buffer[2] |= 0x80;
                    _socket.SendTo(buffer.AsSpan(0, length), SocketFlags.None, from);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
