using System.Net;
using System.Net.Sockets;
using MiniDns.Client;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Server.Hosting;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Loop;

public sealed class LoopTests
{
    [Theory]
    [InlineData("loop", true)]
    [InlineData("loop argument", false)]
    [InlineData("loop\nloop", false)]
    [InlineData("loop {\n}", false)]
    public async Task Setup_takes_no_argument_and_stands_once(string stanza, bool isAccepted)
    {
        await using PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.Equal(isAccepted, harness.IsAccepted);
    }

    [Fact]
    public async Task A_loop_is_detected_logged_and_broken_and_what_is_known_here_is_still_answered()
    {
        await using DnsTestServer server = await StartAsync(port => $$"""
            .:{{port}} {
                bind 127.0.0.1
                hosts {
                    192.0.2.1 web.example.org
                    fallthrough
                }
                loop
                forward . 127.0.0.1:{{port}}
            }
            """);
        await UntilAsync(() => server.Log.Lines.Any(l => l.Contains("detected for zone \".\"", StringComparison.Ordinal)));
        Assert.Equal(DnsResponseCode.ServerFailure, await AskAsync(server.Address, "www.example.org."));
        Assert.Equal(DnsResponseCode.NoError, await AskAsync(server.Address, "web.example.org."));
        Assert.Single(server.Log.Lines, l => l.Contains("detected for zone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_loop_one_probe_is_sent_and_nothing_is_said()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.NameError)));
        await using DnsTestServer server = await DnsTestServer.StartAsync($$"""
            example.org:0 {
                bind 127.0.0.1
                loop
                forward . {{upstream.Address}}
            }
            """);
        await UntilAsync(() => !upstream.Queries.IsEmpty);
        Assert.Equal(DnsResponseCode.NameError, await AskAsync(server.Address, "www.example.org."));
        FakeQuery probe = upstream.Queries.First();
        Assert.Equal(DnsRecordType.HINFO, probe.Type);
        Assert.Matches(@"^\d+\.\d+\.example\.org\.$", probe.Name);
        Assert.Equal(2, upstream.Queries.Count);
        Assert.DoesNotContain(server.Log.Lines, l => l.Contains("Loop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_loop_that_ends_is_noticed()
    {
        bool loops = true;
        IPEndPoint? self = null;
        await using var upstream = new FakeUpstream(async q =>
        {
            if (loops && self is not null)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                await socket.SendToAsync(q.Message, self);
                byte[] answer = new byte[4096];
                int length = await socket.ReceiveAsync(answer);
                await q.SendAsync(answer[..length]);
            }
            else if (!loops)
            {
                await q.SendAsync(q.Code(DnsResponseCode.NameError));
            }
        });
        var time = new TestTimeProvider();
        await using DnsTestServer server = await StartAsync(
            port =>
            {
                self = new IPEndPoint(IPAddress.Loopback, port);
                return $$"""
                    .:{{port}} {
                        bind 127.0.0.1
                        loop
                        forward . {{upstream.Address}}
                    }
                    """;
            },
            time);
        // The first probe may find the upstreams not started yet; the next comes a second later.
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), () => server.Log.Lines.Any(l => l.Contains("detected for zone", StringComparison.Ordinal)));
        Assert.Equal(DnsResponseCode.ServerFailure, await AskAsync(server.Address, "www.example.org."));
        loops = false;
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(30), () => server.Log.Lines.Any(l => l.Contains("is over", StringComparison.Ordinal)));
        Assert.Equal(DnsResponseCode.NameError, await AskAsync(server.Address, "www.example.org."));
    }

    [Fact]
    public async Task Only_the_upstream_that_loops_is_left_out()
    {
        await using FakeUpstream good = FakeUpstream.Answering("192.0.2.1");
        await using DnsTestServer server = await StartAsync(port => $$"""
            .:{{port}} {
                bind 127.0.0.1
                loop
                forward . 127.0.0.1:{{port}} {{good.Address}} {
                    policy sequential
                }
            }
            """);
        await UntilAsync(() => server.Log.Lines.Any(l => l.Contains("detected for zone", StringComparison.Ordinal)));
        string line = server.Log.Lines.First(l => l.Contains("detected for zone", StringComparison.Ordinal));
        Assert.Contains($"upstream {server.Address} sends queries back", line, StringComparison.Ordinal);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(DnsResponseCode.NoError, await AskAsync(server.Address, $"n{i}.example.org."));
        }
    }

    /// <summary>Starts a server that has to know its own port, on one that nobody has.</summary>
    private static async Task<DnsTestServer> StartAsync(Func<int, string> corefile, TimeProvider? time = null)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                // Outside the range from which the system gives ports away.
                return await DnsTestServer.StartAsync(corefile(Random.Shared.Next(10_000, 32_000)), time: time);
            }
            catch (StartFailure) when (i < 20)
            {
            }
        }
    }

    private static async Task<DnsResponseCode> AskAsync(IPEndPoint server, string name)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        byte[] answer = await PlainExchange.AskAsync(server, DnsName.Parse(name), DnsRecordType.A, timeout.Token);
        DnsHeader.TryRead(answer, out DnsHeader header);
        return header.ResponseCode;
    }

    /// <summary>Moves the clock on by a step, gives real sockets real time to do what falls due, and again.</summary>
    private static async Task AdvanceUntilAsync(TestTimeProvider time, TimeSpan step, Func<bool> condition)
    {
        for (int i = 0; i < 40; i++)
        {
            time.Advance(step);
            for (int wait = 0; wait < 100; wait++)
            {
                if (condition())
                {
                    return;
                }

                await Task.Delay(10);
            }
        }

        Assert.Fail("the condition did not come true in time");
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
