using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>The systemd unit.</summary>
public sealed class ServiceUnitTests
{
    private static readonly string[] Lines = File.ReadAllLines(Repository.PathOf("config", "systemd", "minidns.service"));

    [Theory]
    [InlineData("DynamicUser=yes")]
    [InlineData("AmbientCapabilities=CAP_NET_BIND_SERVICE")]
    [InlineData("CapabilityBoundingSet=CAP_NET_BIND_SERVICE")]
    [InlineData("NoNewPrivileges=yes")]
    [InlineData("ProtectSystem=strict")]
    [InlineData("Type=notify")]
    [InlineData("WatchdogSec=30s")]
    [InlineData("MemoryMax=512M")]
    [InlineData("StateDirectory=minidns")]
    [InlineData("StartLimitIntervalSec=0")]
    [InlineData("ExecReload=/opt/minidns/minidns check /etc/minidns/Corefile")]
    [InlineData("ExecReload=/bin/kill -USR1 $MAINPID")]
    [InlineData("ExecStart=/opt/minidns/minidns -conf /etc/minidns/Corefile")]
    public void It_runs_the_published_program_with_one_capability(string line) => Assert.Contains(line, Lines);

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_it()
    {
        using var directory = new TestDirectory();
        string unit = directory.Write("minidns.service", string.Join('\n', Lines).Replace("/opt/minidns/minidns", "/usr/bin/true", StringComparison.Ordinal) + "\n");
        ToolResult result = (await Tool.RunAsync("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)).Succeeded();
        Assert.DoesNotContain("minidns", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Systemd_takes_the_sockets_too()
    {
        using var directory = new TestDirectory();
        directory.Write("minidns.service", string.Join('\n', Lines).Replace("/opt/minidns/minidns", "/usr/bin/true", StringComparison.Ordinal) + "\n");
        string unit = directory.Write("minidns.socket", await File.ReadAllTextAsync(Repository.PathOf("config", "systemd", "minidns.socket")));
        ToolResult result = (await Tool.RunAsync("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)).Succeeded();
        Assert.DoesNotContain("minidns", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Systemd_rates_its_exposure_as_low()
    {
        using var directory = new TestDirectory();
        string unit = directory.Write("minidns.service", string.Join('\n', Lines).Replace("/opt/minidns/minidns", "/usr/bin/true", StringComparison.Ordinal) + "\n");
        (await Tool.RunAsync("systemd-analyze", "security", "--offline=true", "--threshold=30", unit)).Succeeded();
    }
}
