using MiniDns.Configuration;

namespace MiniDns.Plugins.Tests.Rpz;

public sealed class RpzZonesTests
{
    private const string NxDomain = "NameError + rpz.test. 60 SOA";

    [Fact]
    public async Task A_change_is_read_and_a_file_that_fails_leaves_the_last_version()
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Soa + "a.example CNAME .\n");
        Assert.Equal(NxDomain, await setting.AskAsync("a.example"));
        string path = setting.Write("rpz.zone", RpzSetting.Soa + "b.example CNAME .\nmore.example CNAME .\n");
        setting.Zones.Refresh(certain: false);
        Assert.StartsWith("NoError", await setting.AskAsync("a.example"), StringComparison.Ordinal);
        Assert.Equal(NxDomain, await setting.AskAsync("b.example"));
        setting.Write("rpz.zone", "<html>\n<body>\n<p>404\n</html>");
        setting.Zones.Refresh(certain: true);
        Assert.Equal(NxDomain, await setting.AskAsync("b.example"));
        Assert.Equal(1, setting.Metric("minidns_rpz_load_failures_total", "rpz.test."));
        File.Delete(path);
        setting.Zones.Refresh(certain: true);
        Assert.Equal(NxDomain, await setting.AskAsync("b.example"));
        Assert.Equal(2, setting.Metric("minidns_rpz_load_failures_total", "rpz.test."));
        Assert.Equal(7, setting.Metric("minidns_rpz_serial", "rpz.test."));
        Assert.Equal(2, setting.Metric("minidns_rpz_rules", "rpz.test.", "qname"));
    }

    [Fact]
    public async Task Malformed_records_are_told_of_with_their_place()
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Soa + "a.example CNAME .\n33.0.0.0.10.rpz-ip CNAME .\n");
        Assert.Equal(NxDomain, await setting.AskAsync("a.example"));
        Assert.Equal(1, setting.Metric("minidns_rpz_malformed_records", "rpz.test."));
        Assert.Equal(
            $"{setting.Directory}/rpz.zone:5:1: rpz: 33.0.0.0.10.rpz-ip.rpz.test.: 33 is not a prefix length from 1 to 32; the record is left out",
            Assert.Single(setting.Server.Diagnostics.Items, d => d.Severity == DiagnosticSeverity.Warning).Span + ": " + setting.Server.Diagnostics.Items[0].Message);

        // A change is told of in the log.
        setting.Write("rpz.zone", RpzSetting.Soa + "a.example CNAME .\nb.example CNAME .\n\n32.0.0.0.256.rpz-ip CNAME .\n");
        setting.Zones.Refresh(certain: true);
        Assert.Contains(setting.Server.Log.Lines, l => l.Contains($"{setting.Directory}/rpz.zone:7:1: warning: 32.0.0.0.256.rpz-ip.rpz.test.: '256' is not a number", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watched_file_is_read_when_it_changes()
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Soa + "a.example CNAME .\n");
        File.Move(setting.Write("new", RpzSetting.Soa + "b.example CNAME .\nmore.example CNAME .\n"), Path.Combine(setting.Directory, "rpz.zone"), overwrite: true);
        for (int i = 0; i < 2000 && await setting.AskAsync("b.example") != NxDomain; i++)
        {
            setting.Server.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        Assert.Equal(NxDomain, await setting.AskAsync("b.example"));
    }

    [Fact]
    public async Task A_reload_of_the_configuration_goes_on_with_what_was_read()
    {
        await using RpzSetting setting = await new RpzSetting().StartWithAsync(RpzSetting.Soa + "a.example CNAME .\n");
        File.Delete(Path.Combine(setting.Directory, "rpz.zone"));
        await setting.StartAsync("zone rpz.test {\nfile DIR/rpz.zone\npolicy nodata\n}");
        Assert.Equal("NoError + rpz.test. 60 SOA", await setting.AskAsync("a.example"));
    }
}
