using MiniDns.Plugins.Cache;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>Identical questions in flight share one question to the rest of the chain.</summary>
public class CacheFlightTests
{
    private readonly CacheBench _bench = new("cache");
    private readonly TaskCompletionSource _gate = new();

    public CacheFlightTests() => _bench.Source.Gate = _gate;

    [Fact]
    public async Task Each_client_gets_a_reply_of_its_own()
    {
        string[] names = ["www.example.", "WWW.example.", "wWw.ExAmPlE."];
        List<Asking> all = [.. Enumerable.Range(0, 60).Select(i => Ask(names[i % 3], id: (ushort)(1000 + i), flags: (ushort)(i % 2 == 0 ? 0x0100 : 0), edns: i % 5 == 0))];
        Assert.Equal(1, _bench.Source.Asked);
        Assert.All(all, a => Assert.False(a.Pending.IsCompleted));
        _gate.SetResult();
        for (int i = 0; i < all.Count; i++)
        {
            Reply reply = await all[i].ReplyAsync();
            Assert.Equal((ushort)(1000 + i), reply.Header.Id);
            Assert.Equal(names[i % 3], reply.Question);
            Assert.Equal((300u, "192.0.2.1"), (reply.Ttl, reply.Address));
            Assert.Equal(i % 2 == 0, (reply.Header.Flags & DnsHeader.RecursionDesiredFlag) != 0);
            Assert.Equal(i % 5 == 0 ? 1 : 0, reply.Header.AdditionalCount);
        }

        Assert.Equal(59, _bench.Metric("coalesced_total"));
        Assert.Equal(60, _bench.Metric("misses_total"));
    }

    [Fact]
    public void Other_questions_are_asked_for_themselves()
    {
        Ask("www.example.");
        Ask("www.example.", type: DnsRecordType.AAAA);
        Ask("www.example.", edns: true, dnssecOk: true);
        Ask("www.example.", flags: DnsHeader.CheckingDisabledFlag);
        Ask("ww.example.");
        Assert.Equal(5, _bench.Source.Asked);
        Ask("www.example.", edns: true);
        Assert.Equal(5, _bench.Source.Asked);
        _gate.SetResult();
    }

    [Fact]
    public async Task The_verdict_of_the_servers_behind_is_for_those_who_ask_for_it()
    {
        // RFC 6840 §5.7: whoever leads, AD is asked for.
        _bench.Source.Answer = query =>
        {
            query.Response.Flags |= query.Header.AuthenticData ? DnsResponseFlags.AuthenticData : 0;
            return FakeSource.Address(query, 60);
        };
        Asking leader = Ask("www.example.");
        Asking waiter = Ask("www.example.", flags: DnsHeader.AuthenticDataFlag);
        _gate.SetResult();
        Assert.False((await leader.ReplyAsync()).Header.AuthenticData);
        Assert.True((await waiter.ReplyAsync()).Header.AuthenticData);
        Assert.True((await Ask("www.example.", flags: DnsHeader.AuthenticDataFlag).ReplyAsync()).Header.AuthenticData);
        Assert.False((await Ask("www.example.").ReplyAsync()).Header.AuthenticData);
    }

    public static TheoryData<string> Endings() => new() { "servfail", "refused", "not kept", "dropped", "unclaimed", "throws" };

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task What_becomes_of_the_leader_becomes_of_all(string ending)
    {
        _bench.Source.Answer = query => ending switch
        {
            "servfail" => Fail(query),
            "refused" => query.Refuse(),
            "not kept" => query.Reply(DnsResponseCode.NameError),
            "dropped" => DnsOutcome.Dropped,
            "unclaimed" => DnsOutcome.Unclaimed,
            _ => throw new InvalidOperationException("a bug in a plugin"),
        };
        List<Asking> all = [.. Enumerable.Range(0, 10).Select(i => Ask("www.example.", edns: i % 2 == 0))];
        Assert.Equal(1, _bench.Source.Asked);
        _gate.SetResult();
        DnsOutcome expected = ending switch
        {
            "dropped" => DnsOutcome.Dropped,
            "unclaimed" => DnsOutcome.Unclaimed,
            _ => DnsOutcome.Replied,
        };
        if (ending == "throws")
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => all[0].Pending.AsTask());
            all.RemoveAt(0);
        }

        foreach (Asking one in all)
        {
            Assert.Equal(expected, await one.Pending);
        }

        DnsResponseCode? code = ending switch
        {
            "servfail" or "throws" => DnsResponseCode.ServerFailure,
            "refused" => DnsResponseCode.Refused,
            "not kept" => DnsResponseCode.NameError,
            _ => null,
        };
        if (code is { } same)
        {
            Assert.All(all, a => Assert.Equal(same, Reply.Read(a.Encoded()).Code));
        }

        if (ending == "servfail")
        {
            Assert.All(all.Where(a => a.Query.Edns.IsPresent), a => Assert.Equal((ushort)22, Reply.Read(a.Encoded()).ExtendedError));
        }

        // The next one asks anew, unless the failure is kept.
        _bench.Source.Gate = null;
        _bench.Source.Answer = q => FakeSource.Address(q, 60);
        Assert.Equal(ending == "servfail" ? DnsResponseCode.ServerFailure : DnsResponseCode.NoError, _bench.Ask("www.example.").Code);

        static DnsOutcome Fail(DnsQuery query)
        {
            query.Fail(DnsResponseCode.ServerFailure, "no upstream");
            query.Response.AddExtendedError(22, default);
            query.Response.AddOption((EdnsOptionCode)65001, "mine"u8);
            return DnsOutcome.Replied;
        }
    }

    [Fact]
    public async Task One_who_is_given_up_leaves_the_others_alone()
    {
        Asking leader = Ask("www.example.");
        List<Asking> waiters = [.. Enumerable.Range(0, 5).Select(_ => Ask("www.example."))];
        foreach (int i in new[] { 0, 2, 4 })
        {
            Assert.True(waiters[i].Query.TryAbandon());
            Assert.Equal(DnsOutcome.Dropped, await waiters[i].Pending);
        }

        Assert.False(leader.Query.TryAbandon());
        Assert.False(leader.Query.IsAbandoned);
        Asking later = Ask("www.example.");
        Assert.Equal(1, _bench.Source.Asked);
        _gate.SetResult();
        foreach (Asking one in new[] { leader, waiters[1], waiters[3], later })
        {
            Assert.Equal("192.0.2.1", (await one.ReplyAsync()).Address);
        }
    }

    [Fact]
    public async Task A_leader_that_is_given_up_alone_is_not_joined()
    {
        Asking leader = Ask("www.example.");
        Assert.True(leader.Query.TryAbandon());
        Asking next = Ask("www.example.");
        Assert.Equal(2, _bench.Source.Asked);
        Asking third = Ask("www.example.");
        Assert.Equal(2, _bench.Source.Asked);
        _gate.SetResult();
        Assert.Equal("192.0.2.1", (await next.ReplyAsync()).Address);
        Assert.Equal("192.0.2.1", (await third.ReplyAsync()).Address);
    }

    [Fact]
    public async Task One_that_may_not_wait_is_dropped()
    {
        Asking leader = Ask("www.example.");
        Asking second = Ask("www.example.", mayWait: false);
        Assert.Equal(DnsOutcome.Dropped, await second.Pending);
        Assert.Equal(1, _bench.Metric("waiters_dropped_total"));
        _gate.SetResult();
        await leader.ReplyAsync();
    }

    [Fact]
    public async Task A_chain_that_asks_what_it_is_asked_does_not_wait_for_itself()
    {
        _gate.SetResult();
        _bench.Source.AnswerAsync = async (query, queries) =>
        {
            await Task.Yield();
            if (query.Depth == 3)
            {
                return FakeSource.Address(query, 60);
            }

            DnsQuery child = queries.Rent(query, query.LowerName, query.Type);
            DnsOutcome outcome = await queries.RunAsync(child);
            query.Response.CopyFrom(child.Response);
            queries.Return(child);
            return outcome;
        };
        List<Asking> all = [.. Enumerable.Range(0, 20).Select(_ => Ask("loop.example."))];
        foreach (Asking one in all)
        {
            Assert.Equal("192.0.2.1", (await one.ReplyAsync()).Address);
        }

        Assert.Equal(4, _bench.Source.Asked);
    }

    [Theory]
    [InlineData("serve_stale 1h verify 100ms")]
    [InlineData("serve_stale 1h verify 0")]
    [InlineData("serve_stale 1h verify")]
    public async Task Expired_entries_are_verified_once_for_all(string property)
    {
        var bench = new CacheBench("cache {\n" + property + "\n}");
        bench.Source.Answer = q => FakeSource.Address(q, 10);
        bench.Ask("www.example.");
        bench.Advance(10);
        bench.Source.Gate = _gate;
        List<Asking> all = [.. Enumerable.Range(0, 30).Select(_ => Ask("www.example.", bench: bench))];
        Assert.Equal(2, bench.Source.Asked);
        bench.Source.Answer = q => FakeSource.Address(q, 50, "192.0.2.9");
        _gate.SetResult();
        foreach (Asking one in all)
        {
            Reply reply = await one.ReplyAsync();
            Assert.Equal((50u, "192.0.2.9"), (reply.Ttl, reply.Address));
        }
    }

    [Theory]
    [InlineData("serve_stale 1h verify 100ms", 100)]
    [InlineData("serve_stale 1h verify", 1800)]
    public async Task Clients_wait_for_verification_no_longer_than_they_may(string property, int milliseconds)
    {
        var bench = new CacheBench("cache {\n" + property + "\n}");
        bench.Source.Answer = q => FakeSource.Address(q, 10);
        bench.Ask("www.example.");
        bench.Advance(10);
        bench.Source.Gate = _gate;
        Asking first = Ask("www.example.", bench: bench);
        bench.Advance((milliseconds - 1) / 1000.0);
        Asking second = Ask("www.example.", bench: bench, edns: true);
        Assert.False(first.Pending.IsCompleted);
        bench.Advance(0.001);
        Assert.Equal(0u, (await first.ReplyAsync()).Ttl);
        Assert.Equal((ushort)3, (await second.ReplyAsync()).ExtendedError);

        // It is late: the next ones do not wait, and ask twice a second.
        int asked = bench.Source.Asked;
        Assert.InRange(asked, 2, 3);
        bench.Advance(0.5);
        Assert.True(Ask("www.example.", bench: bench).Pending.IsCompleted);
        Assert.True(Ask("www.example.", bench: bench).Pending.IsCompleted);
        Assert.Equal(asked + 1, bench.Source.Asked);
        bench.Source.Answer = q => FakeSource.Address(q, 50);
        bench.Source.Gate = null;
        _gate.SetResult();
        await UntilAsync(() => bench.Ask("www.example.").Ttl == 50);
    }

    [Fact]
    public async Task Threads_that_ask_and_answer_at_once_get_what_they_asked_for()
    {
        const int Names = 40;
        var bench = new CacheBench("cache 1");
        int underWay = 0;
        int most = 0;
        int[] asking = new int[Names];
        bench.Source.AnswerAsync = async (query, _) =>
        {
            int slot = Slot(query);
            Assert.Equal(1, Interlocked.Increment(ref asking[slot]));
            int now = Interlocked.Increment(ref underWay);
            most = Math.Max(most, now);
            await Task.Yield();
            if (slot % 3 == 0)
            {
                await Task.Delay(1);
            }

            Interlocked.Decrement(ref underWay);
            Interlocked.Decrement(ref asking[slot]);
            return slot % 5 == 4 ? query.Refuse() : FakeSource.Address(query, 5, $"192.0.2.{slot}");
        };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 4000; i++)
            {
                int slot = random.Next(Names);
                Asking one = Ask($"n{slot}.example.", id: (ushort)i, bench: bench);
                if (random.Next(10) == 0)
                {
                    continue;       // leave it running
                }

                Reply reply = await one.ReplyAsync();
                Assert.Equal((ushort)i, reply.Header.Id);
                Assert.Equal($"n{slot}.example.", reply.Question);
                if (slot % 5 == 4)
                {
                    Assert.Equal(DnsResponseCode.Refused, reply.Code);
                }
                else
                {
                    Assert.Equal($"192.0.2.{slot}", reply.Address);
                }
            }
        })));
        Assert.True(bench.Metric("coalesced_total") > 0);
        Assert.InRange(most, 1, Names);

        static int Slot(DnsQuery query) => int.Parse(System.Text.Encoding.ASCII.GetString(query.LowerName.FirstLabel[1..]), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 1000 && !condition(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(condition());
    }

    private Asking Ask(
        string name,
        DnsRecordType type = DnsRecordType.A,
        ushort id = 1,
        ushort flags = DnsHeader.RecursionDesiredFlag,
        bool edns = false,
        bool dnssecOk = false,
        bool mayWait = true,
        CacheBench? bench = null)
    {
        var query = new DnsQuery(512, 4096);
        int length = query.WriteQuestion(DnsName.Parse(name).View, type, DnsRecordClass.IN, flags, dnssecOk: edns);
        query.ReceiveBuffer[0] = (byte)(id >> 8);
        query.ReceiveBuffer[1] = (byte)id;
        if (edns && !dnssecOk)
        {
            query.ReceiveBuffer[length - 4] = 0;
        }

        Assert.Equal(QueryVerdict.Accept, query.Begin(length, DnsTransport.Udp));
        query.MayWait = mayWait;
        return new Asking(query, (bench ?? _bench).Harness.Chain.Handler.HandleAsync(query));
    }

    private sealed record Asking(DnsQuery Query, ValueTask<DnsOutcome> Pending)
    {
        public byte[] Encoded() => Query.SendBuffer[..ResponseEncoder.Encode(Query)];

        public async Task<Reply> ReplyAsync()
        {
            Assert.Equal(DnsOutcome.Replied, await Pending.AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
            return Reply.Read(Encoded());
        }
    }
}
