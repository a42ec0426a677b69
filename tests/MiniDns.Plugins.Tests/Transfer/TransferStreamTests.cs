using System.Buffers.Binary;
using System.Net.Sockets;
using MiniDns.Plugins.Bind;
using MiniDns.Plugins.Transfer;
using MiniDns.Plugins.Whoami;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Transfer;

/// <summary>Transfers over real connections.</summary>
public sealed class TransferStreamTests
{
    private const int Hosts = 20_000;

    [Fact]
    public async Task A_client_that_reads_slowly_gets_all_and_other_queries_are_answered_meanwhile()
    {
        await using DnsTestServer server = await StartAsync();
        using NetworkStream slow = await ConnectAsync(server);
        await AskAsync(slow, DnsRecordType.AXFR);
        List<ParsedMessage> messages = [await ReadAsync(slow)];
        for (int i = 0; i < 20; i++)
        {
            using NetworkStream other = await ConnectAsync(server);
            await AskAsync(other, DnsRecordType.A);
            Assert.Equal(DnsResponseCode.NoError, (await ReadAsync(other)).Code);
        }

        // It cannot have been sent: the zone is larger than what sockets and pipes hold.
        Assert.Equal(0, Total(server, "axfr"));
        long records = messages[0].Records.Count;
        while (records < Hosts + 2)
        {
            ParsedMessage message = await ReadAsync(slow);
            Assert.Equal(DnsResponseCode.NoError, message.Code);
            records += message.Records.Count;
        }

        Assert.Equal(Hosts + 2, records);
        Assert.Equal(1, Total(server, "axfr"));
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_transfer()
    {
        await using DnsTestServer server = await StartAsync();
        for (int i = 0; i < TransferLedger.MaxTransfers + 6; i++)
        {
            using (NetworkStream client = await ConnectAsync(server))
            {
                await AskAsync(client, DnsRecordType.AXFR);
                Assert.Equal(DnsResponseCode.NoError, (await ReadAsync(client)).Code);
            }

            await UntilAsync(() => server.Metrics.Counter("minidns_transfer_aborted_total", "").Value == i + 1);
        }
    }

    [Fact]
    public async Task Queries_on_the_connection_of_a_transfer_are_answered_between_its_messages()
    {
        await using DnsTestServer server = await StartAsync();
        using NetworkStream client = await ConnectAsync(server);
        await AskAsync(client, DnsRecordType.AXFR, id: 1);
        ParsedMessage first = await ReadAsync(client);
        await AskAsync(client, DnsRecordType.A, id: 2);
        long records = first.Records.Count;
        bool isAnswered = false;
        while (records < Hosts + 2 || !isAnswered)
        {
            ParsedMessage message = await ReadAsync(client);
            isAnswered |= message.Header.Id == 2;
            records += message.Header.Id == 1 ? message.Records.Count : 0;
        }

        Assert.Equal(Hosts + 2, records);
    }

    private static async Task<DnsTestServer> StartAsync()
    {
        var zones = new FakeZonesPlugin();
        zones.Set(new FakeZone("example.org.", 7, Enumerable.Range(0, Hosts).Select(i => FakeZone.Txt($"host{i}.example.org.", 1, 1000))));
        return await DnsTestServer.StartAsync(
            ".:0 {\nbind 127.0.0.1\ntransfer {\nto *\n}\nzones\nwhoami\n}\n",
            plugins: [new BindPlugin(), new TransferPlugin(), zones, new WhoamiPlugin()]);
    }

    private static async Task<NetworkStream> ConnectAsync(DnsTestServer server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        await socket.ConnectAsync(server.Address);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task AskAsync(NetworkStream connection, DnsRecordType type, ushort id = 0)
    {
        var query = new DnsQuery(512, 512);
        int length = query.WriteQuestion(DnsName.Parse("example.org.").View, type, DnsRecordClass.IN, 0, dnssecOk: false);
        BinaryPrimitives.WriteUInt16BigEndian(query.ReceiveBuffer, id);
        await connection.WriteAsync(new byte[] { 0, (byte)length });
        await connection.WriteAsync(query.ReceiveBuffer.AsMemory(0, length));
    }

    private static async Task<ParsedMessage> ReadAsync(NetworkStream connection)
    {
        byte[] prefix = new byte[2];
        await connection.ReadExactlyAsync(prefix);
        byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await connection.ReadExactlyAsync(message);
        return new ParsedMessage(message);
    }

    private static long Total(DnsTestServer server, string type) => server.Metrics.Counter("minidns_transfer_out_total", "", ("type", type)).Value;

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 3000 && !condition(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(condition());
    }
}
