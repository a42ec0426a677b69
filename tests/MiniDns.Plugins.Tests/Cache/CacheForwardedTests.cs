using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>What is remembered of another server's answers.</summary>
public sealed class CacheForwardedTests
{
    [Fact]
    public async Task Rfc1035_hits_of_forwarded_data_are_not_authoritative_whatever_the_upstream_said()
    {
        await using var upstream = new FakeUpstream(q =>
        {
            byte[] answer = q.Answer("192.0.2.1");
            answer[2] |= 4;     // AA
            return q.SendAsync(answer);
        });
        await using PluginHarness harness = PluginHarness.Stanza($"cache\nforward . {upstream.Address}");
        Assert.True(harness.IsAccepted, harness.Errors);
        await harness.StartAsync();
        for (int i = 0; i < 3; i++)
        {
            byte[] message = (await harness.Chain.AskAsync("www.example.org.", DnsRecordType.A)).ToArray();
            Assert.True(DnsHeader.TryRead(message, out DnsHeader header));
            Assert.Equal(1, header.AnswerCount);
            Assert.Equal(i == 0, header.IsAuthoritative);
        }

        Assert.Single(upstream.Queries);
    }
}
