using System.Net;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>All upstreams were silent and one is back: what failed meanwhile is asked again at once.</summary>
public sealed class CacheRecoveryTests : IAsyncLifetime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly FakeUpstream _upstream;
    private bool _isDead;

    public CacheRecoveryTests() => _upstream = new FakeUpstream(q => _isDead ? Task.CompletedTask : q.SendAsync(q.Answer("192.0.2.1")));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _upstream.DisposeAsync();

    [Fact]
    public async Task Kept_failures_are_forgotten()
    {
        await using PluginHarness harness = await StartAsync("servfail 5m");
        _isDead = true;
        Assert.Equal("SERVFAIL", await AskAsync(harness, "www.example.org."));
        Assert.Equal("SERVFAIL", await AskAsync(harness, "silent.example.org."));
        int asked = AskedFor("www.example.org.");
        Assert.Equal("SERVFAIL", await AskAsync(harness, "www.example.org."));
        Assert.Equal(asked, AskedFor("www.example.org."));

        _isDead = false;
        Assert.Equal("192.0.2.1", await AskAsync(harness, "other.example.org."));
        Assert.Equal("192.0.2.1", await AskAsync(harness, "www.example.org."));
    }

    [Theory]
    [InlineData("verify 1800ms")]
    [InlineData("immediate")]
    public async Task Rfc8767_the_pause_after_a_failed_refresh_ends(string mode)
    {
        await using PluginHarness harness = await StartAsync($"success 1024 5 1\nserve_stale 1h {mode} 30s 5m");
        Assert.Equal("192.0.2.1", await AskAsync(harness, "www.example.org."));
        _isDead = true;
        harness.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("SERVFAIL", await AskAsync(harness, "silent1.example.org."));
        Assert.Equal("192.0.2.1", await AskAsync(harness, "www.example.org."));
        Assert.Equal("SERVFAIL", await AskAsync(harness, "silent2.example.org."));
        await UntilAsync(() => AskedFor("www.example.org.") > 1);

        // Until the refresh has failed it is tried again twice a second.
        int asked;
        do
        {
            asked = AskedFor("www.example.org.");
            Assert.Equal("SERVFAIL", await AskAsync(harness, $"silent{asked}.example.com."));
            Assert.Equal("192.0.2.1", await AskAsync(harness, "www.example.org."));
        }
        while (AskedFor("www.example.org.") > asked);

        _isDead = false;
        Assert.Equal("192.0.2.1", await AskAsync(harness, "other.example.org."));
        Assert.Equal("192.0.2.1", await AskAsync(harness, "www.example.org."));
        await UntilAsync(() => AskedFor("www.example.org.") == asked + 1);
    }

    private int AskedFor(string name) => _upstream.Queries.Count(q => q.Name == name);

    private Task<PluginHarness> StartAsync(string cache)
    {
        PluginHarness harness = PluginHarness.Stanza($"cache {{\n{cache}\n}}\nforward . {_upstream.Address} {{\n max_fails 0\n }}");
        Assert.True(harness.IsAccepted, harness.Errors);
        return harness.StartAsync();
    }

    /// <summary>The address that an answer ends with, or its code; time moves on until it is there.</summary>
    private static async Task<string> AskAsync(PluginHarness harness, string name)
    {
        Task<ReadOnlyMemory<byte>> asking = new ChainHarness(harness.Chain.Handler).AskAsync(name, DnsRecordType.A).AsTask();
        long deadline = Environment.TickCount64 + 20_000;
        while (await Task.WhenAny(asking, Task.Delay(25)) != asking)
        {
            Assert.True(Environment.TickCount64 < deadline, "no answer came");
            harness.Time.Advance(Step);
        }

        byte[] message = (await asking).ToArray();
        Assert.True(DnsHeader.TryRead(message, out DnsHeader header));
        return header.AnswerCount == 0 ? DnsResponseCodeText.Format(header.ResponseCode) : new IPAddress(message.AsSpan(message.Length - 4)).ToString();
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
