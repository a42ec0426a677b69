using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Auto;

public sealed class AutoPluginTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-auto").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task FindsZones()
    {
        Write("db.example.org", 1);
        Write("deep/er/db.Example.NET", 1);
        Write("example.com.db", 1);
        Write("example.com.zone", 1);
        await using PluginHarness harness = await Start("directory .").StartAsync();
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
        Assert.Equal("192.0.2.1", Address(harness, "www.example.net."));
        Assert.Equal("Refused", Address(harness, "www.example.com."));
    }

    [Theory]
    [InlineData(@"^(.*)\.zone$ {1}", "example.org.zone", "www.example.org.", true)]
    [InlineData(@"^(.*)\.zone$ {1}", "example.org.zone.bak", "www.example.org.", false)]
    [InlineData(@"(.*)-(.*) {2}.{1}.test", "b-a", "www.a.b.test.", true)]
    [InlineData(@"(?P<name>.*)\.z {name}.test", "a.z", "www.a.test.", true)]
    [InlineData(@"db\.(.*) x{7}.test", "db.a", "www.x.test.", true)]
    public async Task NamesZones(string expression, string file, string name, bool expected)
    {
        Write(file, 1);
        await using PluginHarness harness = await Start("directory . " + expression).StartAsync();
        Assert.Equal(expected ? "192.0.2.1" : "Refused", Address(harness, name));
    }

    [Fact]
    public async Task AnswersForItsZonesOnly()
    {
        Write("db.example.org", 1);
        Write("db.example.net", 1);
        await using PluginHarness harness = await PluginHarness.Stanza($"root {_directory}\nauto org {{\ndirectory .\n}}").StartAsync();
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
        Assert.Equal("Refused", Address(harness, "www.example.net."));
    }

    [Fact]
    public async Task FollowsTheDirectory()
    {
        Write("db.example.org", 1);
        await using PluginHarness harness = await Start("directory .\nreload 10s").StartAsync();
        Assert.Equal("Refused", Address(harness, "www.example.net."));

        Write("db.example.net", 1);
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("192.0.2.1", Address(harness, "www.example.net."));

        Write("db.example.net", 2);
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("192.0.2.2", Address(harness, "www.example.net."));

        File.Delete(Path.Combine(_directory, "db.example.net"));
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("Refused", Address(harness, "www.example.net."));
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
        Assert.Contains(harness.Log.Lines, l => l.Contains("zone example.net. is gone", StringComparison.Ordinal));
    }

    /// <summary>A directory that gets a zone while the server runs, and loses it; transfers included.</summary>
    [Fact]
    public async Task AZoneComesAndGoes()
    {
        await using PluginHarness harness = await PluginHarness.Stanza($"root {_directory}\nauto org {{\ndirectory .\nreload 10ms\n}}\ntransfer {{\nto *\n}}").StartAsync();
        Assert.Equal("Refused", Address(harness, "www.example.org."));
        Write("db.example.org", 1, "@ NS other.example.net.\n");
        harness.Time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
        Assert.Equal(5, new Reply(harness.Chain.Ask("example.org.", DnsRecordType.AXFR, transport: DnsTransport.Tcp)).Answer.Count);
        Assert.Equal(DnsResponseCode.NotAuthoritative, new Reply(harness.Chain.Ask("example.net.", DnsRecordType.AXFR, transport: DnsTransport.Tcp)).Code);

        File.Delete(Path.Combine(_directory, "db.example.org"));
        harness.Time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal("Refused", Address(harness, "www.example.org."));
    }

    [Fact]
    public async Task WithoutReloadNothingChanges()
    {
        Write("db.example.org", 1);
        await using PluginHarness harness = await Start("directory .\nreload 0").StartAsync();
        Write("db.example.org", 2);
        Write("db.example.net", 1);
        harness.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
        Assert.Equal("Refused", Address(harness, "www.example.net."));
    }

    [Fact]
    public async Task ABadFileIsLeftOutAndTheZoneThatWasStays()
    {
        Write("db.example.org", 1);
        Write("db.bad.org", 1, "oops\n");
        await using PluginHarness harness = await Start("directory .\nreload 10s").StartAsync();
        Assert.Equal("Refused", Address(harness, "www.bad.org."));
        Assert.Single(harness.Log.Lines, l => l.Contains("db.bad.org:5:", StringComparison.Ordinal));

        Write("db.example.org", 2, "oops\n");
        Write("db.bad.org", 2);
        harness.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
        Assert.Equal("192.0.2.2", Address(harness, "www.bad.org."));
        Assert.Single(harness.Log.Lines, l => l.Contains("serial 1 stays in service", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OfTwoFilesTheFirstCounts()
    {
        Write("a/db.example.org", 1);
        Write("b/db.example.org", 2);
        await using PluginHarness harness = await Start("directory .").StartAsync();
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
        Assert.Contains(harness.Log.Lines, l => l.Contains("is read from", StringComparison.Ordinal));
    }

    /// <summary>How Kubernetes mounts a ConfigMap: links to files, through a link to a directory that is renamed over.</summary>
    [Fact]
    public async Task AVolumeOfKubernetes()
    {
        Write("..one/db.example.org", 1);
        Directory.CreateSymbolicLink(Path.Combine(_directory, "..data"), "..one");
        File.CreateSymbolicLink(Path.Combine(_directory, "db.example.org"), "..data/db.example.org");
        await using PluginHarness harness = await Start("directory .\nreload 10s").StartAsync();
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
        Assert.DoesNotContain(harness.Log.Lines, l => l.Contains("left out", StringComparison.Ordinal));

        Write("..two/db.example.org", 2);
        Directory.Delete(Path.Combine(_directory, "..data"));
        Directory.CreateSymbolicLink(Path.Combine(_directory, "..data"), "..two");
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("192.0.2.2", Address(harness, "www.example.org."));
    }

    [Fact]
    public async Task ADirectoryThatIsNotThereYet()
    {
        await using PluginHarness harness = await Start("directory later\nreload 10s").StartAsync();
        Assert.Equal("Refused", Address(harness, "www.example.org."));
        Write("later/db.example.org", 1);
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("192.0.2.1", Address(harness, "www.example.org."));
    }

    [Theory]
    [InlineData("directory", "the path of a directory")]
    [InlineData("directory . (.*)", "the zone's name")]
    [InlineData("directory . * {1}", "not a regular expression")]
    [InlineData("directory . abc {1}", "needs a group")]
    [InlineData("directory . (.*) {1} more", "one argument too many")]
    [InlineData("reload -1s", "duration")]
    [InlineData("no_reload", "unknown property")]
    public async Task SyntaxErrors(string property, string expected)
    {
        await using PluginHarness harness = Start(property);
        Assert.False(harness.IsAccepted);
        Assert.Contains(expected, harness.Errors);
    }

    private static string Address(PluginHarness harness, string name)
    {
        var read = new Reply(harness.Chain.Ask(name, DnsRecordType.A));
        return read.Code == DnsResponseCode.NoError && read.Answer.Count == 1 ? read.Answer[0].Split(' ')[^1] : read.Code.ToString();
    }

    private PluginHarness Start(string properties) => PluginHarness.Stanza($"root {_directory}\nauto {{\n{properties}\n}}");

    /// <summary>Writes a zone file whose serial number is also the last number of an address, with a time of its own.</summary>
    private void Write(string file, int serial, string more = "")
    {
        string path = Path.Combine(_directory, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DateTime time = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : DateTime.UtcNow;
        File.WriteAllText(path, $"$TTL 60\n@ SOA ns.example.net. admin {serial} 2 3 4 5\n@ NS ns.example.net.\nwww A 192.0.2.{serial}\n{more}");
        File.SetLastWriteTimeUtc(path, time.AddSeconds(2));
    }
}
