using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Secondaries;

/// <summary>MiniDns as the secondary of other servers.</summary>
public sealed class OtherPrimariesTests
{
    [Theory]
    [InlineData("knot", null, 100)]
    [InlineData("knot", "hmac-sha256", 100)]
    [InlineData("knot", "hmac-sha384", 10)]
    [InlineData("bind", null, 100)]
    [InlineData("bind", "hmac-sha256", 100)]
    [InlineData("bind", "hmac-sha1", 10)]
    [InlineData("nsd", null, 100)]
    [InlineData("nsd", "hmac-sha256", 100)]
    [InlineData("nsd", "hmac-sha512", 10)]
    public async Task Changes_come_by_notification_and_IXFR_and_leave_the_zones_alike(string make, string? algorithm, int changes)
    {
        await using PrimaryHost host = HostOf(make, algorithm);
        ZoneContent zone = ZoneContent.First;
        await host.StartAsync(zone);
        await host.SameRecordsAsync();
        Assert.Equal("192.0.2.80", await host.AskAsync("127.0.0.1", "www.example.org", "A"));

        // The same sequence in every run, so that a failure comes again.
        var random = new Random(20_260_101);
        for (int i = 0; i < changes; i++)
        {
            zone = zone.Change(random);
            await host.ChangeAsync(zone);
        }

        await host.SameRecordsAsync();
        List<string> transfers = [.. host.Server.Output.All.Where(l => l.Contains("was transferred from", StringComparison.Ordinal))];
        Assert.Contains(": AXFR, serial 1,", transfers[0], StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $": IXFR, serial {zone.Serial},"), transfers[^1], StringComparison.Ordinal);
        Assert.All(transfers.Skip(1), t => Assert.Contains(": IXFR, serial ", t, StringComparison.Ordinal));
    }

    /// <summary>Not every message of such a transfer has to be signed.</summary>
    [Theory]
    [InlineData("knot")]
    [InlineData("bind")]
    [InlineData("nsd")]
    public async Task Rfc8945_5_3_1_A_signed_zone_transfer_of_many_messages_is_believed(string make)
    {
        await using PrimaryHost host = HostOf(make, "hmac-sha256");
        string text = new('x', 150);
        await host.StartAsync(ZoneContent.First with { Records = [.. ZoneContent.First.Records, .. Enumerable.Range(0, 20_000).Select(i => $"h{i} TXT {text}")] });
        await host.SameRecordsAsync();
    }

    [Theory]
    [InlineData("knot")]
    [InlineData("bind")]
    [InlineData("nsd")]
    public async Task A_restart_with_the_primary_down_serves_from_disk_and_goes_on_from_there(string make)
    {
        await using PrimaryHost host = HostOf(make);
        ZoneContent zone = ZoneContent.First;
        await host.StartAsync(zone);
        await host.StopServerAsync();
        await host.StopPrimaryAsync();
        await host.StartServerAsync();
        Assert.Equal("192.0.2.80", await host.AskAsync("127.0.0.1", "www.example.org", "A"));
        Assert.DoesNotContain(host.Server.Output.All, l => l.Contains("was transferred from", StringComparison.Ordinal));

        await host.StartPrimaryAsync();
        await host.ChangeAsync(zone with { Serial = 2, Records = [.. zone.Records, "new A 192.0.2.81"] });
        Assert.Equal("192.0.2.81", await host.AskAsync("127.0.0.1", "new.example.org", "A"));
        await host.SameRecordsAsync();
    }

    [Fact]
    public async Task What_is_kept_is_a_zone_file_that_other_tools_read()
    {
        await using PrimaryHost host = HostOf("knot");
        await host.StartAsync(ZoneContent.First);
        await host.StopServerAsync();
        ToolResult check = await Tool.RunAsync("named-checkzone", "-i", "none", PrimaryHost.Zone, host.Directory["kept/example.org.zone"]);
        check.Succeeded();
        Assert.Contains("loaded serial 1", check.Output, StringComparison.Ordinal);
    }

    private static PrimaryHost HostOf(string make, string? algorithm = null) => make switch
    {
        "knot" => new KnotHost { Algorithm = algorithm },
        "bind" => new BindHost { Algorithm = algorithm },
        _ => new NsdHost { Algorithm = algorithm },
    };
}
