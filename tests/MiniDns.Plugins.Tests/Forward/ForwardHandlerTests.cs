using System.Net;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>The whole plugin against real sockets.</summary>
public sealed class ForwardHandlerTests
{
    [Fact]
    public async Task An_answer_is_given_back_with_the_upstreams_flags_and_the_clients_case()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering("192.0.2.5");
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        Reply reply = await AskAsync(harness, "WWW.Example.org.");
        Assert.Equal(DnsResponseCode.NoError, reply.Header.ResponseCode);
        Assert.Equal("192.0.2.5", reply.Address);
        Assert.Equal("WWW.Example.org.", reply.Name);
        Assert.True((reply.Header.Flags & DnsHeader.RecursionAvailableFlag) != 0);
        Assert.False(reply.Header.IsAuthoritative);
        Assert.Equal("www.example.org.", Assert.Single(upstream.Queries).Name);
    }

    [Theory]
    [InlineData(DnsResponseCode.NameError)]
    [InlineData(DnsResponseCode.Refused)]
    [InlineData(DnsResponseCode.ServerFailure)]
    [InlineData(DnsResponseCode.NotImplemented)]
    public async Task Any_code_is_an_answer(DnsResponseCode code)
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Code(code)));
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        Assert.Equal(code, (await AskAsync(harness, "www.example.org.")).Header.ResponseCode);
        Assert.Single(upstream.Queries);
    }

    [Fact]
    public async Task The_clients_OPT_goes_along_with_a_payload_size_of_our_own()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n cookies off\n ecs pass\n }}");
        await AskAsync(harness, "www.example.org.", dnssecOk: true);
        FakeQuery query = Assert.Single(upstream.Queries);
        ReadOnlySpan<byte> opt = query.Message.AsSpan(query.QuestionEnd);
        Assert.Equal(1, query.Header.AdditionalCount);
        Assert.True(query.Header.RecursionDesired);
        Assert.Equal([0, 0, 41, 0x04, 0xD0, 0, 0, 0x80, 0, 0, 0], opt.ToArray());
    }

    [Fact]
    public async Task Without_OPT_from_the_client_none_is_sent()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        await AskAsync(harness, "www.example.org.");
        FakeQuery query = Assert.Single(upstream.Queries);
        Assert.Equal(query.QuestionEnd, query.Message.Length);
    }

    [Fact]
    public async Task Options_of_one_hop_are_not_passed_on_others_are()
    {
        await using var upstream = new FakeUpstream(q =>
        {
            // NSID and a cookie in the answer's OPT.
            byte[] answer = [.. q.Answer("192.0.2.1"), 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 18, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 3, 0, 2, 0xAB, 0xCD];
            answer[11] = 1;
            return q.SendAsync(answer);
        });
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n cookies off\n ecs pass\n }}");
        int length = harness.Chain.Begin("www.example.org.", DnsRecordType.A, dnssecOk: true);
        byte[] options = [0, 10, 0, 8, 9, 9, 9, 9, 9, 9, 9, 9, 0, 8, 0, 4, 0, 1, 0, 0, 0, 12, 0, 2, 0, 0];
        options.CopyTo(harness.Chain.Query.ReceiveBuffer, length);
        harness.Chain.Query.ReceiveBuffer[length - 1] = (byte)options.Length;
        harness.Chain.BeginAgain(length + options.Length);
        Assert.Equal(DnsOutcome.Replied, await harness.Chain.Handler.HandleAsync(harness.Chain.Query));
        FakeQuery query = Assert.Single(upstream.Queries);
        Assert.Equal([0, 8, 0, 8, 0, 4, 0, 1, 0, 0], query.Message[(query.QuestionEnd + 9)..]);
        Assert.Equal([0, 3, 0, 2, 0xAB, 0xCD], harness.Chain.Query.Response.Options.ToArray());
    }

    [Fact]
    public async Task A_message_with_more_than_OPT_goes_along_as_it_is_and_octets_after_a_message_do_not()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n cookies off\n ecs pass\n }}");
        int length = harness.Chain.Begin("www.example.org.", DnsRecordType.A, dnssecOk: true);
        harness.Chain.BeginAgain(length + 7);
        await harness.Chain.Handler.HandleAsync(harness.Chain.Query);
        Assert.Equal(length, upstream.Queries.Last().Message.Length);

        // An empty TSIG record behind OPT.
        byte[] tsig = [0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 0];
        tsig.CopyTo(harness.Chain.Query.ReceiveBuffer, length);
        harness.Chain.Query.ReceiveBuffer[11] = 2;
        harness.Chain.BeginAgain(length + tsig.Length);
        byte[] sent = harness.Chain.Query.Wire.ToArray();
        await harness.Chain.Handler.HandleAsync(harness.Chain.Query);
        Assert.Equal(sent[2..], upstream.Queries.Last().Message[2..]);
    }

    [Fact]
    public async Task A_rewritten_question_is_what_is_sent_and_its_answer_comes_as_records()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering("192.0.2.5");
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n cookies off\n ecs pass\n }}");
        harness.Chain.Begin("Short.example.", DnsRecordType.AAAA, dnssecOk: true);
        DnsQuery query = harness.Chain.Query;
        query.SetQuestion(Protocol.Names.DnsName.Parse("a.longer.name.example.org.").View, DnsRecordType.A);
        Assert.Equal(DnsOutcome.Replied, await harness.Chain.Handler.HandleAsync(query));
        FakeQuery sent = Assert.Single(upstream.Queries);
        Assert.Equal("a.longer.name.example.org.", sent.Name);
        Assert.Equal(DnsRecordType.A, sent.Type);
        Assert.Equal([0, 0, 41, 0x04, 0xD0, 0, 0, 0x80, 0, 0, 0], sent.Message[sent.QuestionEnd..]);
        Assert.Equal(ResponseForm.Records, query.Response.Form);
        Assert.Equal("a.longer.name.example.org.", query.Response.OwnerOf(query.Response.Entries[0]).ToString());
    }

    [Fact]
    public async Task Answers_that_are_mutated_at_random_never_do_harm()
    {
        var random = new Random(20_261_120);
        await using var upstream = new FakeUpstream(async q =>
        {
            byte[] message = [.. q.Answer("192.0.2.1", "192.0.2.2"), 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 6, 0, 3, 0, 2, 0xAB, 0xCD];
            message[11] = 1;
            lock (random)
            {
                for (int i = random.Next(4); i >= 0; i--)
                {
                    message[random.Next(2, message.Length)] = (byte)random.Next(256);
                }

                message = random.Next(4) == 0 ? message[..random.Next(message.Length)] : message;
            }

            await q.SendAsync(message);
            await q.SendAsync(q.Code(DnsResponseCode.NameError));
        });
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        for (int i = 0; i < 3000; i++)
        {
            ReadOnlyMemory<byte> reply = await harness.Chain.AskAsync("www.example.org.", DnsRecordType.A, dnssecOk: true);
            Assert.Equal("www.example.org.", new Reply(reply).Name);
        }

        // That it keeps neither case nor cookies may be told.
        Assert.DoesNotContain(harness.Log.Lines, l => l.StartsWith("[Error]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_outside_the_zone_or_excepted_goes_on()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward example.org {upstream.Address} {{\n except lab.example.org\n }}");
        Assert.Equal(DnsResponseCode.NoError, (await AskAsync(harness, "example.org.")).Header.ResponseCode);
        Assert.Equal(DnsResponseCode.NoError, (await AskAsync(harness, "www.example.org.")).Header.ResponseCode);
        await AssertPassedOnAsync(harness, "example.net.");
        await AssertPassedOnAsync(harness, "lab.example.org.");
        await AssertPassedOnAsync(harness, "a.lab.example.org.");
        Assert.Equal(2, upstream.Queries.Count);
    }

    [Fact]
    public async Task The_zone_itself_is_forwarded_even_when_its_parent_is_excepted()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward example.org {upstream.Address} {{\n except org\n }}");
        Assert.Equal(DnsResponseCode.NoError, (await AskAsync(harness, "example.org.")).Header.ResponseCode);
        await AssertPassedOnAsync(harness, "www.example.org.");
    }

    [Fact]
    public async Task Several_directives_are_asked_in_file_order()
    {
        await using FakeUpstream lab = FakeUpstream.Answering("192.0.2.1");
        await using FakeUpstream all = FakeUpstream.Answering("192.0.2.2");
        await using PluginHarness harness = await Start($"forward lab.example.org {lab.Address}\nforward . {all.Address}");
        Assert.Equal("192.0.2.1", (await AskAsync(harness, "www.lab.example.org.")).Address);
        Assert.Equal("192.0.2.2", (await AskAsync(harness, "www.example.org.")).Address);
    }

    [Fact]
    public async Task A_dead_upstream_costs_a_try_and_the_next_one_answers()
    {
        await using var dead = new FakeUpstream(_ => Task.CompletedTask, udp: false, tcp: false);
        await using FakeUpstream alive = FakeUpstream.Answering("192.0.2.3");
        await using PluginHarness harness = await Start($"forward . {dead.Address} {alive.Address} {{\n policy sequential\n }}");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("192.0.2.3", (await AskAsync(harness, "www.example.org.")).Address);
        }
    }

    [Fact]
    public async Task When_nobody_answers_it_is_SERVFAIL_with_an_extended_error()
    {
        await using var dead = new FakeUpstream(_ => Task.CompletedTask, udp: false, tcp: false);
        await using PluginHarness harness = await Start($"forward . {dead.Address}");
        Reply reply = await AskAsync(harness, "www.example.org.", dnssecOk: true);
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Header.ResponseCode);
        Assert.Contains("connection refused", harness.Chain.Query.Failure!.Reason, StringComparison.Ordinal);
        Assert.Equal(23, reply.ExtendedError);
    }

    [Fact]
    public async Task A_silent_upstream_is_tried_twice()
    {
        await using var silent = new FakeUpstream(_ => Task.CompletedTask);
        await using PluginHarness harness = await Start($"forward . {silent.Address} {{\n read_timeout 50ms\n max_fails 0\n }}");
        Task<Reply> asked = AskAsync(harness, "www.example.org.", dnssecOk: true);
        for (int tries = 1; tries <= 2; tries++)
        {
            await UntilAsync(() => silent.Queries.Count == tries);
            harness.Time.Advance(TimeSpan.FromMilliseconds(60));
        }

        Reply reply = await asked;
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Header.ResponseCode);
        Assert.Equal(22, reply.ExtendedError);
        Assert.Equal(2, silent.Queries.Count);

        // What CoreDNS's README consolidates: "^read udp .* i/o timeout$".
        Assert.Equal($"read udp {silent.Address}: no answer within 0.05s: i/o timeout", harness.Chain.Query.Failure!.Reason);
    }

    [Fact]
    public async Task A_timeout_over_TCP_is_told_as_one()
    {
        await using var silent = new FakeUpstream(_ => Task.CompletedTask);
        await using PluginHarness harness = await Start($"forward . {silent.Address} {{\n force_tcp\n read_timeout 50ms\n max_connect_attempts 1\n max_fails 0\n }}");
        Task<Reply> asked = AskAsync(harness, "www.example.org.");
        await UntilAsync(() => !silent.Queries.IsEmpty);
        await UntilAsync(() =>
        {
            harness.Time.Advance(TimeSpan.FromMilliseconds(60));
            return asked.IsCompleted;
        });
        await asked;
        Assert.Equal($"read tcp {silent.Address}: no answer within 0.05s: i/o timeout", harness.Chain.Query.Failure!.Reason);
    }

    [Fact]
    public async Task Max_connect_attempts_bounds_the_tries_of_a_query()
    {
        await using var dead = new FakeUpstream(_ => Task.CompletedTask, udp: false, tcp: false);
        await using FakeUpstream alive = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {dead.Address} {alive.Address} {{\n policy sequential\n max_connect_attempts 1\n max_fails 0\n }}");
        Assert.Equal(DnsResponseCode.ServerFailure, (await AskAsync(harness, "www.example.org.")).Header.ResponseCode);
        Assert.Empty(alive.Queries);
    }

    [Fact]
    public async Task A_truncated_answer_is_asked_for_again_over_TCP()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.IsTcp ? q.Answer("192.0.2.4") : q.Truncated()));
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        Reply reply = await AskAsync(harness, "www.example.org.");
        Assert.False(reply.Header.IsTruncated);
        Assert.Equal("192.0.2.4", reply.Address);
        Assert.Equal([false, true], upstream.Queries.Select(q => q.IsTcp));
    }

    [Fact]
    public async Task A_truncated_answer_is_better_than_none()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Truncated()), tcp: false);
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        Reply reply = await AskAsync(harness, "www.example.org.");
        Assert.Equal(DnsResponseCode.NoError, reply.Header.ResponseCode);
        Assert.True(reply.Header.IsTruncated);
    }

    [Theory]
    [InlineData("", DnsTransport.Udp, false)]
    [InlineData("", DnsTransport.Tcp, true)]
    [InlineData("force_tcp", DnsTransport.Udp, true)]
    [InlineData("prefer_udp", DnsTransport.Tcp, false)]
    [InlineData("force_tcp\nprefer_udp", DnsTransport.Udp, true)]
    public async Task The_protocol_is_the_clients_unless_configured(string option, DnsTransport transport, bool isTcp)
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n {option}\n }}");
        await AskAsync(harness, "www.example.org.", transport: transport);
        Assert.Equal(isTcp, Assert.Single(upstream.Queries).IsTcp);
    }

    [Fact]
    public async Task Failover_asks_the_next_upstream_and_gives_the_last_answer()
    {
        await using var first = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.Refused)));
        await using var second = new FakeUpstream(q => q.SendAsync(q.Name[0] == 'x' ? q.Code(DnsResponseCode.ServerFailure) : q.Answer("192.0.2.6")));
        await using PluginHarness harness = await Start($"forward . {first.Address} {second.Address} {{\n policy sequential\n failover SERVFAIL REFUSED\n }}");
        Assert.Equal("192.0.2.6", (await AskAsync(harness, "www.example.org.")).Address);
        Assert.Equal(DnsResponseCode.ServerFailure, (await AskAsync(harness, "x.example.org.")).Header.ResponseCode);
        Assert.Equal(2, first.Queries.Count);
        Assert.Equal(2, second.Queries.Count);
    }

    [Fact]
    public async Task Next_and_next_on_nodata_ask_the_next_forward()
    {
        await using var first = new FakeUpstream(q => q.SendAsync(q.Name switch
        {
            "missing.example.org." => q.Code(DnsResponseCode.NameError),
            "empty.example.org." => q.Answer(),
            _ => q.Answer("192.0.2.1"),
        }));
        await using FakeUpstream second = FakeUpstream.Answering("192.0.2.2");
        await using PluginHarness harness = await Start($"forward . {first.Address} {{\n next NXDOMAIN\n next_on_nodata\n }}\nforward . {second.Address}");
        Assert.Equal("192.0.2.1", (await AskAsync(harness, "www.example.org.")).Address);
        Assert.Equal("192.0.2.2", (await AskAsync(harness, "missing.example.org.")).Address);
        Assert.Equal("192.0.2.2", (await AskAsync(harness, "empty.example.org.")).Address);
    }

    [Fact]
    public async Task Next_means_nothing_without_another_forward()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.NameError)));
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n next NXDOMAIN\n }}");
        Assert.Equal(DnsResponseCode.NameError, (await AskAsync(harness, "www.example.org.")).Header.ResponseCode);
    }

    [Fact]
    public async Task More_queries_at_once_than_allowed_are_refused()
    {
        var release = new TaskCompletionSource();
        await using FakeUpstream upstream = FakeUpstream.AnsweringAfter(release.Task);
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n max_concurrent 1\n }}");
        var other = new ChainHarness(harness.Chain.Handler);
        Task<Reply> first = AskAsync(harness, "one.example.org.");
        await UntilAsync(() => !upstream.Queries.IsEmpty);
        Assert.Equal(DnsResponseCode.Refused, new Reply(await other.AskAsync("two.example.org.", DnsRecordType.A)).Header.ResponseCode);
        Assert.Equal(1, Metric(harness, "coredns_forward_max_concurrent_rejects_total"));
        release.SetResult();
        Assert.Equal(DnsResponseCode.NoError, (await first).Header.ResponseCode);
        Assert.Equal(DnsResponseCode.NoError, new Reply(await other.AskAsync("two.example.org.", DnsRecordType.A)).Header.ResponseCode);
    }

    [Fact]
    public async Task Health_checks_begin_with_a_failure_and_end_with_an_answer()
    {
        bool isSilent = true;
        await using var upstream = new FakeUpstream(q => isSilent ? Task.CompletedTask : q.SendAsync(q.Code(DnsResponseCode.Refused)));
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n read_timeout 1s\n max_connect_attempts 1\n failfast_all_unhealthy_upstreams\n health_check 2s no_rec domain health.example.org\n }}");
        Task<Reply> asked = AskAsync(harness, "www.example.org.");
        await UntilAsync(() => !upstream.Queries.IsEmpty);
        Assert.Equal("www.example.org.", Assert.Single(upstream.Queries).Name);
        await UntilAsync(() =>
        {
            harness.Time.Advance(TimeSpan.FromMilliseconds(200));
            return Metric(harness, "coredns_proxy_healthcheck_failures_total") > 2;
        });
        Assert.Equal(DnsResponseCode.ServerFailure, (await asked).Header.ResponseCode);
        FakeQuery check = upstream.Queries.Last();
        Assert.Equal("health.example.org.", check.Name);
        Assert.Equal(DnsRecordType.NS, check.Type);
        Assert.False(check.Header.RecursionDesired);

        // Down: with failfast nothing is sent any more.
        Assert.Equal(DnsResponseCode.ServerFailure, (await AskAsync(harness, "fast.example.org.")).Header.ResponseCode);
        Assert.DoesNotContain(upstream.Queries, q => q.Name == "fast.example.org.");
        Assert.Equal(1, Metric(harness, "coredns_forward_healthcheck_broken_total"));
        await UntilAsync(() => harness.Log.Lines.Any(l => l.Contains("is down", StringComparison.Ordinal)));

        isSilent = false;
        await UntilAsync(() =>
        {
            harness.Time.Advance(TimeSpan.FromMilliseconds(200));
            return harness.Log.Lines.Any(l => l.Contains("answers again", StringComparison.Ordinal));
        });
        Assert.Equal(DnsResponseCode.Refused, (await AskAsync(harness, "up.example.org.")).Header.ResponseCode);
    }

    [Fact]
    public async Task A_query_that_may_not_wait_is_dropped_and_counted()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        int length = harness.Chain.Begin("www.example.org.", DnsRecordType.A);
        harness.Chain.Query.MayWait = false;
        Assert.Equal(DnsOutcome.Dropped, await harness.Chain.Handler.HandleAsync(harness.Chain.Query));
        Assert.Equal(1, Metric(harness, "minidns_overload_drops_total"));
        Assert.Empty(upstream.Queries);
        harness.Chain.Query.MayWait = true;
        harness.Chain.BeginAgain(length);
        Assert.Equal(DnsOutcome.Replied, await harness.Chain.Handler.HandleAsync(harness.Chain.Query));
    }

    [Fact]
    public async Task Nothing_is_sent_at_the_start()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        await AskAsync(harness, "www.example.org.");
        Assert.Equal("www.example.org.", Assert.Single(upstream.Queries).Name);
    }

    [Fact]
    public async Task A_malformed_answer_is_no_answer()
    {
        await using var broken = new FakeUpstream(q => q.SendAsync(q.Answer("192.0.2.66")[..^3]));
        await using FakeUpstream whole = FakeUpstream.Answering("192.0.2.1");
        await using PluginHarness harness = await Start($"forward . {broken.Address} {whole.Address} {{\n policy sequential\n }}");
        Assert.Equal("192.0.2.1", (await AskAsync(harness, "www.example.org.")).Address);
    }

    [Fact]
    public async Task Policies_choose_as_they_say()
    {
        await using FakeUpstream first = FakeUpstream.Answering("192.0.2.1");
        await using FakeUpstream second = FakeUpstream.Answering("192.0.2.2");
        await using FakeUpstream third = FakeUpstream.Answering("192.0.2.3");
        FakeUpstream[] all = [first, second, third];
        string to = string.Join(' ', all.Select(u => u.Address));

        await using PluginHarness sequential = await Start($"forward . {to} {{\n policy sequential\n }}");
        Assert.Equal(["192.0.2.1"], await AnswersAsync(sequential, 6));

        await using PluginHarness robin = await Start($"forward . {to} {{\n policy round_robin\n }}");
        foreach (FakeUpstream upstream in all)
        {
            upstream.Queries.Clear();
        }

        Assert.Equal(3, (await AnswersAsync(robin, 6)).Count);
        Assert.All(all, u => Assert.Equal(2, u.Queries.Count));

        await using PluginHarness random = await Start($"forward . {to}");
        Assert.Equal(3, (await AnswersAsync(random, 200)).Count);
    }

    [Fact]
    public async Task A_host_name_is_looked_up_through_the_given_resolver()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering("192.0.2.1");
        await using var resolver = new FakeUpstream(q => q.SendAsync(q.Type == DnsRecordType.A ? q.Answer("127.0.0.1") : q.Answer()));
        await using PluginHarness harness = await Start($"forward . upstream.example.org:{upstream.Address.Port} {{\n resolver {resolver.Address}\n }}");
        Assert.Equal("192.0.2.1", (await AskAsync(harness, "www.example.org.")).Address);
        Assert.Equal("upstream.example.org.", resolver.Queries.First().Name);
    }

    [Fact]
    public async Task A_host_name_without_addresses_stops_the_start()
    {
        await using var resolver = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.NameError)));
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Start($"forward . upstream.example.org {{\n resolver {resolver.Address}\n }}"));
        Assert.StartsWith("Corefile:2:1: forward: failed to resolve 'upstream.example.org'", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<HashSet<string>> AnswersAsync(PluginHarness harness, int count)
    {
        HashSet<string> addresses = [];
        for (int i = 0; i < count; i++)
        {
            addresses.Add((await AskAsync(harness, "www.example.org.")).Address);
        }

        return addresses;
    }

    private static Task<PluginHarness> Start(string stanza)
    {
        PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.True(harness.IsAccepted, harness.Errors);
        return harness.StartAsync();
    }

    private static async Task<Reply> AskAsync(PluginHarness harness, string name, bool dnssecOk = false, DnsTransport transport = DnsTransport.Udp) =>
        new(await harness.Chain.AskAsync(name, DnsRecordType.A, dnssecOk, transport));

    private static async Task AssertPassedOnAsync(PluginHarness harness, string name)
    {
        await harness.Chain.AskAsync(name, DnsRecordType.A);
        Assert.Equal(DnsOutcome.Unclaimed, harness.Chain.Outcome);
    }

    private static double Metric(PluginHarness harness, string name) =>
        harness.Metrics.Snapshot().Where(s => s.Name == name).Sum(s => s.Read());

    private static async Task UntilAsync(Func<bool> condition)
    {
        long deadline = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "the condition did not come true in time");
            await Task.Delay(5);
        }
    }

    private sealed class Reply
    {
        private readonly byte[] _message;
        private readonly int _questionEnd;

        public Reply(ReadOnlyMemory<byte> message)
        {
            _message = message.ToArray();
            Assert.True(DnsHeader.TryRead(_message, out DnsHeader header));
            Header = header;
            Assert.True(Protocol.Names.DnsNameView.TryRead(_message.AsSpan(DnsHeader.Size), out Protocol.Names.DnsNameView name));
            Name = name.ToString();
            _questionEnd = DnsHeader.Size + name.Length + 4;
        }

        public DnsHeader Header { get; }

        public string Name { get; }

        /// <summary>The address of the first record, which is an A record with a compressed owner.</summary>
        public string Address => Header.AnswerCount == 0 ? "" : new IPAddress(_message.AsSpan(_questionEnd + 12, 4)).ToString();

        /// <summary>The INFO-CODE of the extended error that ends the message.</summary>
        public int ExtendedError => (_message[^2] << 8) | _message[^1];
    }
}
