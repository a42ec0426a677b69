using MiniDns.Plugins.Cancel;
using MiniDns.Plugins.Tests.Cache;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cancel;

public sealed class CancelPluginTests
{
    [Theory]
    [InlineData("cancel", true)]
    [InlineData("cancel 5s", true)]
    [InlineData("cancel 5", false)]
    [InlineData("cancel -1s", false)]
    [InlineData("cancel 0s", false)]
    [InlineData("cancel 1s 2s", false)]
    public void Durations_are_read(string lines, bool isRight) =>
        Assert.Equal(isRight, SnippetSetup.Run(new CancelPlugin(), lines).Errors.Count == 0);

    [Theory]
    [InlineData("cancel", 5000, DnsOutcome.Replied)]
    [InlineData("cancel", 5001, DnsOutcome.Dropped)]
    [InlineData("cancel 1s", 999, DnsOutcome.Replied)]
    [InlineData("cancel 1s", 1000, DnsOutcome.Dropped)]
    public async Task A_reply_that_comes_too_late_is_not_sent(string lines, int milliseconds, DnsOutcome expected)
    {
        var source = new FakeSource { Gate = new TaskCompletionSource() };
        PluginHarness harness = PluginHarness.Stanza(lines + "\nsource", null, [new CancelPlugin(), source]);
        Task<ReadOnlyMemory<byte>> asking = harness.Chain.AskAsync("www.example.", DnsRecordType.A).AsTask();
        harness.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        source.Gate.SetResult();
        await asking;
        Assert.Equal(expected, harness.Chain.Outcome);
    }
}
