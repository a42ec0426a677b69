using System.Buffers.Binary;
using System.Net.Sockets;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>Forgers, and servers that break connections: whatever they do, right answers come and nothing else.</summary>
public sealed class HostileNetworkTests
{
    private const string Right = "192.0.2.1";
    private const string Forged = "192.0.2.66";
    private const int Queries = 300;

    [Fact]
    public async Task Rfc5452_nothing_of_a_forger_is_accepted()
    {
        var random = new Random(20_261_121);
        await using var upstream = new FakeUpstream(async q =>
        {
            if (!q.IsTcp)
            {
                // From another port any answer, even one that is right in all else; from the upstream's own what somebody would send who forges its address.
                await q.SendFromElsewhereAsync(q.Answer(Forged));
                for (int i = 0; i < 20; i++)
                {
                    byte[] forged = q.Answer(Forged);
                    int kind;
                    int number;
                    lock (random)
                    {
                        kind = random.Next(6);
                        number = random.Next(1, 65_536);
                    }

                    Forge(forged, kind, number, q.QuestionEnd);
                    await q.SendAsync(forged);
                }
            }

            await q.SendAsync(WithStrangers(q));
        });
        await using DnsTestServer server = await DnsTestServer.StartAsync($$"""
            .:0 {
                bind 127.0.0.1
                cache
                forward . {{upstream.Address}} {
                    read_timeout 20s
                }
            }
            """);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Connect(server.Address);
        for (int i = 0; i < Queries; i++)
        {
            string name = $"N{i}.Forged.Example.Org.";
            byte[] answer = await AskAsync(client, name);
            Assert.True(DnsNameView.TryRead(answer.AsSpan(DnsHeader.Size), out DnsNameView asked));
            Assert.Equal(name, asked.ToString());
            Assert.Equal([192, 0, 2, 1], AddressesIn(answer));
            Assert.True(answer.AsSpan().IndexOf("bank"u8) < 0);
        }

        // Once more, from the cache.
        for (int i = 0; i < Queries; i++)
        {
            Assert.Equal([192, 0, 2, 1], AddressesIn(await AskAsync(client, $"n{i}.forged.example.org.")));
        }

        Assert.True(upstream.Queries.Where(q => !q.IsTcp).Select(q => q.From.Port).Distinct().Count() > 1);
        Assert.True(upstream.Queries.Where(q => !q.IsTcp).Select(q => q.Header.Id).Distinct().Count() > Queries * 0.9);
    }

    [Fact]
    public async Task Connections_that_break_in_the_midst_of_queries_cost_no_answer()
    {
        int count = 0;
        await using var upstream = new FakeUpstream(async q =>
        {
            if (Interlocked.Increment(ref count) % 10 == 0)
            {
                q.Close();
                return;
            }

            await q.SendAsync(q.Answer(Right));
        });
        await using PluginHarness harness = PluginHarness.Stanza($"forward . {upstream.Address} {{\n force_tcp\n read_timeout 20s\n }}");
        Assert.True(harness.IsAccepted, harness.Errors);
        await harness.StartAsync();
        for (int i = 0; i < Queries; i++)
        {
            byte[] answer = (await harness.Chain.AskAsync($"n{i}.example.org.", DnsRecordType.A)).ToArray();
            Assert.Equal([192, 0, 2, 1], AddressesIn(answer));
        }

        Assert.Equal(DnsOutcome.Replied, harness.Chain.Outcome);
    }

    private static void Forge(byte[] message, int kind, int number, int questionEnd)
    {
        switch (kind)
        {
            case 0:
                BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(message) ^ number));
                break;
            case 1:
                message[DnsHeader.Size + 2] ^= 1;                       // another name
                break;
            case 2:
                message[questionEnd - 3] ^= 0x1C;                       // another type
                break;
            case 3:
                message[DnsHeader.Size + 4 + (number % 6)] ^= 0x20;     // another case, or another name
                break;
            case 4:
                message[2] &= 0x7F;                                     // no response
                break;
            default:
                BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), 0);    // no question
                break;
        }
    }

    /// <summary>The right answer with addresses of somebody else in all sections.</summary>
    private static byte[] WithStrangers(FakeQuery query)
    {
        byte[] stranger = [.. DnsName.Parse("www.bank.example.").View.Wire, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, 99];
        byte[] answer = [.. query.Answer(Right), .. stranger, .. stranger, .. stranger];
        new DnsHeader(query.Header.Id, DnsHeader.ResponseFlag | DnsHeader.RecursionAvailableFlag, 1, 2, 1, 1).Write(answer);
        return answer;
    }

    private static byte[] AddressesIn(byte[] message)
    {
        var addresses = new List<byte>();
        var reader = new DnsReader(message);
        DnsHeader.TryRead(message, out DnsHeader header);
        Assert.Equal(DnsResponseCode.NoError, header.ResponseCode);
        Assert.True(reader.TryReadQuestion(out _));
        while (reader.Position < message.Length && reader.TryReadRecord(out DnsRecordView record))
        {
            addresses.AddRange(message.AsSpan(record.RdataOffset, record.RdataLength));
        }

        return [.. addresses];
    }

    private static async Task<byte[]> AskAsync(Socket client, string name)
    {
        byte[] question = DnsName.Parse(name).View.Wire.ToArray();
        byte[] query = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. question, 0, 1, 0, 1];
        await client.SendAsync(query);
        byte[] answer = new byte[512];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        int length = await client.ReceiveAsync(answer, SocketFlags.None, patience.Token);
        return answer[..length];
    }
}
