using MiniDns.Plugins.Cache;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cache;

public class CachePluginTests
{
    public static TheoryData<string> Accepted => new(
        "cache",
        "cache {}",
        "cache {\n}",
        "cache 300",
        "cache example.nl",
        "cache aaa example.nl",
        "cache 25 example.nl 10.0.0.0/8 {\nsuccess 10\ndenial 10 15\n}",
        "cache {\nsuccess 0\n}",
        "cache {\nsuccess 10\n}",
        "cache {\nsuccess 10 1800 30\n}",
        "cache {\ndenial 10 15\n}",
        "cache {\ndenial 10 15 0\nsuccess 5000\n}",
        "cache {\nprefetch 0\n}",
        "cache {\nprefetch 10\n}",
        "cache {\nprefetch 10 30s\n}",
        "cache {\nprefetch 10 1m 10%\n}",
        "cache {\nprefetch 10 1m 90%\n}",
        "cache {\nserve_stale\n}",
        "cache {\nserve_stale 0\n}",
        "cache {\nserve_stale 0m\n}",
        "cache {\nserve_stale 1h20m\n}",
        "cache {\nserve_stale 0 verify\n}",
        "cache {\nserve_stale 1h IMMEDIATE\n}",
        "cache {\nserve_stale 1h Verify 250ms\n}",
        "cache {\nserve_stale 1h immediate 0\n}",
        "cache {\nserve_stale 1h immediate 30s 30s\n}",
        "cache {\nserve_stale 1h immediate 4294967295s\n}",
        "cache {\nserve_stale 1h verify 0 1m\n}",
        "cache {\nserve_stale 1h verify 100ms 30s 250ms\n}",
        "cache {\nserve_stale 1h verify 0 0 5m\n}",
        "cache {\nserve_stale\nserve_stale_policy prefer_positive\n}",
        "cache {\nserve_stale_policy Prefer_Positive\nserve_stale\n}",
        "cache {\nservfail 0\n}",
        "cache {\nservfail 0s\n}",
        "cache {\nservfail 1s\n}",
        "cache {\nservfail 5m\n}",
        "cache {\ndisable success\n}",
        "cache {\ndisable denial\n}",
        "cache {\ndisable denial example.com example.org\ndisable success 192.0.2.0/24\n}",
        "cache {\nkeepttl\n}");

    /// <summary>A stanza and a part of its error.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "cache\ncache", "3:1: error: cache: may be used once" },
        { "cache 0", "'0' is not a whole number of at least 1" },
        { "cache -1 example.nl", "2:7: error: cache: '-1' is not" },
        { "cache exa..mple", "'exa..mple' cannot be read as a zone" },
        { "cache {\npositive 10\n}", "unknown property 'positive'" },
        { "cache {\nsucess 10\n}", "did you mean 'success'" },
        { "cache {\nsuccess\n}", "success CAPACITY [TTL] [MINTTL]" },
        { "cache {\nsuccess aaa\n}", "3:9: error: cache: success: 'aaa'" },
        { "cache {\nsuccess -5\n}", "'-5'" },
        { "cache {\nsuccess 10 0\n}", "'0'" },
        { "cache {\ndenial 10 aaa\n}", "'aaa'" },
        { "cache {\ndenial 10 15 -1\n}", "'-1'" },
        { "cache {\nprefetch\n}", "prefetch AMOUNT [DURATION] [PERCENTAGE%]" },
        { "cache {\nprefetch -1\n}", "'-1'" },
        { "cache {\nprefetch 0 blurp\n}", "'blurp' is not a duration" },
        { "cache {\nprefetch 1 30\n}", "write '30s'" },
        { "cache {\nprefetch 1 1m 9%\n}", "10% to 90%" },
        { "cache {\nprefetch 1 1m 91%\n}", "10% to 90%" },
        { "cache {\nprefetch 1 1m 50\n}", "10% to 90%" },
        { "cache {\nprefetch 1 1m 50% x\n}", "1 to 3" },
        { "cache {\nserve_stale 20\n}", "write '20s'" },
        { "cache {\nserve_stale -20m\n}", "'-20m'" },
        { "cache {\nserve_stale aa\n}", "'aa'" },
        { "cache {\nserve_stale 1m nono\n}", "'nono' is not a refresh mode" },
        { "cache {\nserve_stale 0 after nono\n}", "'after' is not a refresh mode" },
        { "cache {\nserve_stale 1h immediate 100ms\n}", "whole number of seconds" },
        { "cache {\nserve_stale 1h immediate 4294967296s\n}", "'4294967296s'" },
        { "cache {\nserve_stale 1h immediate -1s\n}", "'-1s'" },
        { "cache {\nserve_stale 1h immediate garbage\n}", "'garbage'" },
        { "cache {\nserve_stale 1h immediate 30s extra\n}", "'extra'" },
        { "cache {\nserve_stale 1h immediate 30s 30s extra\n}", "'extra' is one argument too many" },
        { "cache {\nserve_stale 1h immediate 30s 5m1s\n}", "'5m1s'" },
        { "cache {\nserve_stale 1h immediate 30s -1s\n}", "'-1s'" },
        { "cache {\nserve_stale 1h verify -1ms\n}", "'-1ms'" },
        { "cache {\nserve_stale 1h verify garbage\n}", "'garbage'" },
        { "cache {\nserve_stale 1h verify 100ms 500ms\n}", "whole number of seconds" },
        { "cache {\nserve_stale 1h verify 100ms 30s -1s\n}", "'-1s'" },
        { "cache {\nserve_stale 1h verify 100ms 30s 30s extra\n}", "'extra' is one argument too many" },
        { "cache {\nserve_stale_policy prefer_positive\n}", "without serve_stale" },
        { "cache {\nserve_stale\nserve_stale_policy\n}", "'prefer_positive'" },
        { "cache {\nserve_stale\nserve_stale_policy other\n}", "'other' is not a policy" },
        { "cache {\nserve_stale\nserve_stale_policy prefer_positive extra\n}", "'extra'" },
        { "cache {\nserve_stale\nserve_stale_policy prefer_positive\nserve_stale_policy prefer_positive\n}", "may stand only once" },
        { "cache {\nservfail\n}", "a duration" },
        { "cache {\nservfail 6m\n}", "0s to 5m" },
        { "cache {\nservfail 20\n}", "write '20s'" },
        { "cache {\nservfail -1s\n}", "'-1s'" },
        { "cache {\nservfail aa\n}", "'aa'" },
        { "cache {\nservfail 1m invalid\n}", "'invalid'" },
        { "cache {\ndisable\n}", "'success' or 'denial'" },
        { "cache {\ndisable invalid example.com\n}", "'invalid' cannot be disabled" },
        { "cache {\ndisable denial a..b\n}", "'a..b'" },
        { "cache {\nkeepttl arg1\n}", "'arg1'" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void StanzaIsAccepted(string stanza)
    {
        PluginHarness harness = PluginHarness.Stanza(stanza, plugins: [new CachePlugin()]);
        Assert.True(harness.IsAccepted, harness.Errors);
        Assert.Empty(harness.Diagnostics.Items);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void StanzaIsRefused(string stanza, string error)
    {
        PluginHarness harness = PluginHarness.Stanza(stanza, plugins: [new CachePlugin()]);
        Assert.False(harness.IsAccepted);
        Assert.Contains(error, harness.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_in_a_directory_that_is_not_there_is_warned_of()
    {
        PluginHarness harness = PluginHarness.Stanza("cache {\nsnapshot /nowhere/cache.bin\n}", plugins: [new CachePlugin()]);
        Assert.True(harness.IsAccepted);
        Assert.Equal("Corefile:3:10: warning: cache: snapshot: there is no directory '/nowhere', so nothing can be kept there", Assert.Single(harness.Diagnostics.Items).ToString());
        Assert.Empty(PluginHarness.Stanza("cache {\nsnapshot cache.bin\n}", plugins: [new CachePlugin()]).Diagnostics.Items);
    }

    [Fact]
    public void AllErrorsAreToldAtOnce()
    {
        PluginHarness harness = PluginHarness.Stanza("cache 0 {\nsuccess x\nservfail y\nnope\n}", plugins: [new CachePlugin()]);
        Assert.Equal(4, harness.Diagnostics.Items.Count);
    }
}
