using System.Net;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>Which upstream is asked, and when a second one: time only moves when a test moves it.</summary>
public sealed class SeveralUpstreamsTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_late_query_goes_to_a_second_upstream_and_its_answer_counts()
    {
        await using var silent = new FakeUpstream(_ => Task.CompletedTask);
        await using FakeUpstream quick = FakeUpstream.Answering("192.0.2.2");
        await using PluginHarness harness = await Start($"forward . {silent.Address} {quick.Address} {{\n policy sequential\n }}");
        Task<string> asked = AskAsync(harness, "www.example.org.");
        await UntilAsync(() => !silent.Queries.IsEmpty);
        Assert.Empty(quick.Queries);
        await AdvanceUntilAsync(harness, () => asked.IsCompleted);
        Assert.Equal("192.0.2.2", await asked);
        Assert.Single(silent.Queries);
        Assert.Equal("www.example.org.", Assert.Single(quick.Queries).Name, ignoreCase: true);
        Assert.Equal(1, Metric(harness, "minidns_forward_extra_queries_total"));
    }

    [Fact]
    public async Task The_first_answer_counts_and_the_second_does_no_harm()
    {
        var release = new TaskCompletionSource();
        await using FakeUpstream late = FakeUpstream.AnsweringAfter(release.Task);
        await using FakeUpstream quick = FakeUpstream.Answering("192.0.2.2");
        await using PluginHarness harness = await Start($"forward . {late.Address} {quick.Address} {{\n policy sequential\n }}");
        for (int i = 0; i < 20; i++)
        {
            Task<string> asked = AskAsync(harness, $"n{i}.example.org.");
            await AdvanceUntilAsync(harness, () => asked.IsCompleted);
            Assert.Equal("192.0.2.2", await asked);
        }

        // The late answers that are still waited for come now, to queries that are over.
        release.SetResult();
        await UntilAsync(() => Metric(harness, "coredns_proxy_request_duration_seconds") > quick.Queries.Count);
        Assert.DoesNotContain(harness.Log.Lines, l => l.Contains("could not be finished", StringComparison.Ordinal));
        Assert.StartsWith("192.0.2.", await AskAsync(harness, "last.example.org."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_hedging_the_second_upstream_waits_for_the_timeout()
    {
        await using var silent = new FakeUpstream(_ => Task.CompletedTask);
        await using FakeUpstream quick = FakeUpstream.Answering("192.0.2.2");
        await using PluginHarness harness = await Start($"forward . {silent.Address} {quick.Address} {{\n policy sequential\n hedge off\n }}");
        Task<string> asked = AskAsync(harness, "www.example.org.");
        await UntilAsync(() => !silent.Queries.IsEmpty);
        harness.Time.Advance(TimeSpan.FromSeconds(1.9));
        await Task.Delay(50);
        Assert.Empty(quick.Queries);
        await AdvanceUntilAsync(harness, () => asked.IsCompleted);
        Assert.Equal("192.0.2.2", await asked);
    }

    [Fact]
    public async Task A_lost_datagram_is_repeated_to_the_only_upstream()
    {
        int seen = 0;
        await using var lossy = new FakeUpstream(q => Interlocked.Increment(ref seen) == 1 ? Task.CompletedTask : q.SendAsync(q.Answer("192.0.2.1")));
        await using PluginHarness harness = await Start($"forward . {lossy.Address}");
        Task<string> asked = AskAsync(harness, "www.example.org.");
        await UntilAsync(() => lossy.Queries.Count == 1);
        await AdvanceUntilAsync(harness, () => asked.IsCompleted, most: TimeSpan.FromSeconds(1));
        Assert.Equal("192.0.2.1", await asked);
        Assert.Equal(2, lossy.Queries.Count);
    }

    [Fact]
    public async Task A_failure_waits_for_the_other_upstream_that_is_being_asked()
    {
        var release = new TaskCompletionSource();
        await using var failing = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.ServerFailure)));
        await using FakeUpstream good = FakeUpstream.AnsweringAfter(release.Task, "192.0.2.2");
        await using PluginHarness harness = await Start($"forward . {failing.Address} {good.Address} {{\n policy race 2\n }}");
        Task<string> asked = AskAsync(harness, "www.example.org.");
        await UntilAsync(() => Metric(harness, "coredns_proxy_request_duration_seconds") > 0 && !good.Queries.IsEmpty);
        Assert.False(asked.IsCompleted);
        release.SetResult();
        Assert.Equal("192.0.2.2", await asked);
    }

    [Fact]
    public async Task A_failure_is_given_when_the_other_upstream_takes_too_long()
    {
        await using var failing = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.ServerFailure)));
        await using var silent = new FakeUpstream(_ => Task.CompletedTask);
        await using PluginHarness harness = await Start($"forward . {failing.Address} {silent.Address} {{\n policy race 2\n }}");
        Task<string> asked = AskAsync(harness, "www.example.org.");
        await UntilAsync(() => !silent.Queries.IsEmpty && !failing.Queries.IsEmpty);
        await AdvanceUntilAsync(harness, () => asked.IsCompleted, most: TimeSpan.FromSeconds(1));
        Assert.Equal("SERVFAIL", await asked);
    }

    [Fact]
    public async Task A_race_asks_as_many_as_it_says()
    {
        FakeUpstream[] all = [FakeUpstream.Answering(), FakeUpstream.Answering(), FakeUpstream.Answering()];
        await using (PluginHarness harness = await Start($"forward . {string.Join(' ', all.Select(u => u.Address))} {{\n policy race 2\n }}"))
        {
            for (int i = 1; i <= 10; i++)
            {
                Assert.Equal("192.0.2.1", await AskAsync(harness, $"n{i}.example.org."));
                await UntilAsync(() => all.Sum(u => u.Queries.Count) == 2 * i);
            }
        }

        foreach (FakeUpstream upstream in all)
        {
            await upstream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_silent_upstream_is_asked_last_and_beside_others_until_it_answers()
    {
        bool isSilent = true;
        await using var first = new FakeUpstream(q => isSilent ? Task.CompletedTask : q.SendAsync(q.Answer("192.0.2.1")));
        await using FakeUpstream second = FakeUpstream.Answering("192.0.2.2");
        await using PluginHarness harness = await Start($"forward . {first.Address} {second.Address} {{\n policy sequential\n max_fails 0\n }}");
        for (int i = 0; i < 2; i++)
        {
            Task<string> asked = AskAsync(harness, $"n{i}.example.org.");
            await AdvanceUntilAsync(harness, () => asked.IsCompleted);
            harness.Time.Advance(TimeSpan.FromSeconds(2.1));
        }

        await UntilAsync(() => harness.Log.Lines.Any(l => l.Contains("does not answer", StringComparison.Ordinal)));
        int before = first.Queries.Count;
        Assert.Equal("192.0.2.2", await AskAsync(harness, "explored.example.org."));
        Assert.Equal("192.0.2.2", await AskAsync(harness, "not-explored.example.org."));
        await UntilAsync(() => first.Queries.Count == before + 1);

        isSilent = false;
        harness.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("192.0.2.2", await AskAsync(harness, "again.example.org."));
        await UntilAsync(() => harness.Log.Lines.Any(l => l.Contains("answers again", StringComparison.Ordinal)));
        Assert.Equal("192.0.2.1", await AskAsync(harness, "www.example.org."));
    }

    [Fact]
    public async Task An_upstream_that_fails_where_another_does_not_is_asked_after_it()
    {
        await using var failing = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.ServerFailure)));
        await using FakeUpstream good = FakeUpstream.Answering("192.0.2.2");
        await using PluginHarness harness = await Start($"forward . {failing.Address} {good.Address} {{\n policy sequential\n failover SERVFAIL\n }}");
        for (int i = 0; i < 64; i++)
        {
            Assert.Equal("192.0.2.2", await AskAsync(harness, "www.example.org."));
        }

        Assert.True(failing.Queries.Count < 40, $"it was asked {failing.Queries.Count} times");
    }

    [Fact]
    public async Task What_is_known_of_an_upstream_survives_a_reload()
    {
        await using var silent = new FakeUpstream(_ => Task.CompletedTask);
        await using FakeUpstream good = FakeUpstream.Answering("192.0.2.2");
        string stanza = $"forward . {silent.Address} {good.Address} {{\n policy sequential\n max_fails 0\n }}";
        await using PluginHarness before = await Start(stanza);
        for (int i = 0; i < 2; i++)
        {
            Task<string> asked = AskAsync(before, "www.example.org.");
            await AdvanceUntilAsync(before, () => asked.IsCompleted);
            before.Time.Advance(TimeSpan.FromSeconds(2.1));
        }

        await UntilAsync(() => before.Log.Lines.Any(l => l.Contains("does not answer", StringComparison.Ordinal)));
        await using PluginHarness after = await PluginHarness.Stanza(stanza, before).StartAsync();
        int seen = silent.Queries.Count;
        Assert.Equal("192.0.2.2", await AskAsync(after, "www.example.org."));
        Assert.InRange(silent.Queries.Count, seen, seen + 1);
    }

    [Fact]
    public async Task A_late_query_whose_second_answer_is_cut_leaves_nothing_that_two_queries_share()
    {
        await using var silent = new FakeUpstream(_ => Task.CompletedTask);
        await using var cutting = new FakeUpstream(q => q.SendAsync(q.IsTcp ? q.Answer($"192.0.2.{q.Name[1..q.Name.IndexOf('.')]}") : q.Truncated()));
        await using PluginHarness harness = await Start($"forward . {silent.Address} {cutting.Address} {{\n policy sequential\n max_fails 0\n }}");
        for (int round = 0; round < 4; round++)
        {
            // The first one leaves what it used behind; the others find it, all at once.
            int count = round == 0 ? 1 : 10;
            (int Number, Task<byte[]> Reply)[] asked = [.. Enumerable.Range(1, count).Select(i => (i, AskAloneAsync(harness, $"n{i}.example.org.")))];
            await AdvanceUntilAsync(harness, () => asked.All(a => a.Reply.IsCompleted));
            foreach ((int number, Task<byte[]> reply) in asked)
            {
                byte[] message = await reply;
                Assert.Equal($"192.0.2.{number}", new IPAddress(message.AsSpan(message.Length - 4)).ToString());
            }
        }
    }

    [Fact]
    public async Task The_upstream_that_answered_is_metadata()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        await AskAsync(harness, "www.example.org.");
        Assert.Equal(1, Metric(harness, "minidns_forward_upstream_up"));
        Assert.Contains(harness.Metrics.Snapshot(), s => s.Name == "coredns_proxy_request_duration_seconds" && s.Labels.Any(l => l.Value == "NOERROR"));
    }

    private static Task<PluginHarness> Start(string stanza)
    {
        PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.True(harness.IsAccepted, harness.Errors);
        return harness.StartAsync();
    }

    /// <summary>The address that an answer ends with, or its code.</summary>
    private static async Task<string> AskAsync(PluginHarness harness, string name)
    {
        byte[] message = (await harness.Chain.AskAsync(name, DnsRecordType.A)).ToArray();
        Assert.True(DnsHeader.TryRead(message, out DnsHeader header));
        return header.AnswerCount == 0 ? DnsResponseCodeText.Format(header.ResponseCode) : new IPAddress(message.AsSpan(message.Length - 4)).ToString();
    }

    /// <summary>The answer to one of several questions that are under way at once.</summary>
    private static async Task<byte[]> AskAloneAsync(PluginHarness harness, string name) =>
        (await new ChainHarness(harness.Chain.Handler).AskAsync(name, DnsRecordType.A)).ToArray();

    private static double Metric(PluginHarness harness, string name) => harness.Metrics.Snapshot().Where(s => s.Name == name).Sum(s => s.Read());

    /// <summary>Moves time on by small steps, with real time in between for the threads to do what falls due.</summary>
    private static async Task AdvanceUntilAsync(PluginHarness harness, Func<bool> condition, TimeSpan? most = null)
    {
        TimeSpan left = most ?? TimeSpan.FromSeconds(4);
        long deadline = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "the condition did not come true in time");
            if (left > TimeSpan.Zero)
            {
                left -= Step;
                harness.Time.Advance(Step);
            }

            await Task.Delay(25);
        }
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
