using MiniDns.Configuration;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.FileZones;

public sealed class FilePluginTests : IDisposable
{
    private const string Apex = "$TTL 3600\n@ SOA ns admin 1 7200 3600 1209600 300\n@ NS ns.example.net.\n";
    private const string Head = "$TTL 1M\n$ORIGIN example.org.\n@ IN SOA ns1.example.com. admin.example.com. (\n";
    private const string Tail = "\n1200 ; refresh\n144 ; retry\n1814400 ; expire\n2h ) ; minimum\n@ IN NS ns1.example.com.\n\n";
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-file").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task ServesAZone()
    {
        await using PluginHarness harness = Start("file db example.org", "www A 192.0.2.1\n*.w A 192.0.2.2\nchild NS ns.child\nns.child A 192.0.2.3\n");
        Reply reply = Ask(harness, "www.example.org.");
        Assert.True(reply.Header.IsAuthoritative);
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.1"], reply.Answer);
        Assert.Single(reply.Authority);
        Assert.Equal(["x.y.w.example.org. 3600 IN A 192.0.2.2"], Ask(harness, "x.y.w.example.org.").Answer);

        reply = Ask(harness, "nothing.example.org.");
        Assert.Equal(DnsResponseCode.NameError, reply.Code);
        Assert.True(reply.Header.IsAuthoritative);
        Assert.StartsWith("example.org. 300 IN SOA", Assert.Single(reply.Authority));

        reply = Ask(harness, "www.child.example.org.");
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.False(reply.Header.IsAuthoritative);
        Assert.Equal(["ns.child.example.org. 3600 IN A 192.0.2.3"], reply.Additional);
    }

    /// <summary>Where a plugin follows it has the say, even if it has nothing to say; else this is the wrong server to ask.</summary>
    [Theory]
    [InlineData("", DnsOutcome.Replied)]
    [InlineData("\nforward example.com 192.0.2.1", DnsOutcome.Unclaimed)]
    public async Task LeavesOtherNamesToOthers(string after, DnsOutcome outcome)
    {
        await using PluginHarness harness = Start("file db example.org" + after, "");
        harness.Chain.Ask("example.net.", DnsRecordType.A);
        Assert.Equal(outcome, harness.Chain.Outcome);
        if (outcome == DnsOutcome.Replied)
        {
            Assert.Equal(DnsResponseCode.Refused, harness.Chain.Query.Response.Code);
        }
    }

    /// <summary>What CoreDNS loads and refuses; NSEC3 it refuses, and we serve.</summary>
    [Theory]
    [InlineData("$TTL 1M\n$ORIGIN example.org.\nwww IN A 192.168.0.14\nimap IN CNAME mail\n", "there must be a SOA record at example.org.")]
    [InlineData(Head + "2005011437 ; serial" + Tail + "# no comment\nwww IN A 192.168.0.14\n", ":11:3: error: zone example.org.: \"no\" must be a type")]
    [InlineData(Head + "abc ; serial" + Tail, ":4:1: error: zone example.org.: a number")]
    [InlineData(Head + "202512200817 ; serial" + Tail, ":4:1: error: zone example.org.: a number")]
    [InlineData(Head + "4294967295" + Tail, null)]
    [InlineData(Head + "1" + Tail + "@ 0 NSEC3PARAM 1 0 5 A3DEBC9CC4F695C7\n", null)]
    [InlineData("miek.nl. 1800 IN SOA a.miek.nl. b.miek.nl. 1 7200 3600 1209600 3600\naub8v9ce95ie18spjubsr058h41n7pa5.miek.nl. 284 IN NSEC3 1 1 5 D0CBEAAF0AC77314 AUB95P93VPKP55G6U5S4SGS7LS61ND85 NS SOA TXT RRSIG DNSKEY NSEC3PARAM\n", "there must be a SOA record at example.org.")]
    [InlineData("$ORIGIN example.org.\n@ IN SOA a.example.net. b.example.net. 2017042766 7200 3600 1209600 3600\n@ NS a.example.net.\n$INCLUDE inc\n", null)]
    public async Task ZonesThatLoadAndThatDoNot(string text, string? error)
    {
        File.WriteAllText(Path.Combine(_directory, "inc"), "foo IN A 127.0.0.1\n");
        File.WriteAllText(Path.Combine(_directory, "db"), text);
        await using PluginHarness harness = PluginHarness.Stanza($"root {_directory}\nfile db example.org");
        Assert.Equal(error is null, harness.IsAccepted);
        Assert.Contains(error ?? "", harness.Errors, StringComparison.Ordinal);
        if (text.Contains("$INCLUDE", StringComparison.Ordinal))
        {
            Assert.Equal(["foo.example.org. 3600 IN A 127.0.0.1"], Ask(harness, "foo.example.org.").Answer);
        }
    }

    [Fact]
    public async Task RefusesTransfers()
    {
        await using PluginHarness harness = Start("file db example.org", "");
        Assert.Equal(DnsResponseCode.Refused, new Reply(harness.Chain.Ask("example.org.", DnsRecordType.AXFR, transport: DnsTransport.Tcp)).Code);
    }

    [Theory]
    [InlineData("fallthrough", "nothing.example.org.", true)]
    [InlineData("fallthrough", "ent.example.org.", true)]
    [InlineData("fallthrough", "www.example.org.", false)]
    [InlineData("fallthrough a.example.org", "nothing.example.org.", false)]
    [InlineData("fallthrough a.example.org", "x.a.example.org.", true)]
    [InlineData("", "nothing.example.org.", false)]
    public async Task FallsThrough(string property, string name, bool expected)
    {
        await using PluginHarness harness = Start("file db example.org {\n" + property + "\n}", "www A 192.0.2.1\nx.ent A 192.0.2.1\n");
        harness.Chain.Ask(name, DnsRecordType.A);
        Assert.Equal(expected ? DnsOutcome.Unclaimed : DnsOutcome.Replied, harness.Chain.Outcome);
        if (expected)
        {
            Assert.Equal(0, harness.Chain.Query.Response.Entries.Length);
        }
    }

    /// <summary>RFC 1034 §4.3.2 step 3a across zones; the code is the last name's (RFC 6604 §3).</summary>
    [Fact]
    public async Task FollowsAliasesIntoOtherZones()
    {
        Write("db2", "target A 192.0.2.9\nback CNAME www.example.org.\nround CNAME round.example.org.\n");
        await using PluginHarness harness = Start(
            "file db example.org\nfile db2 example.net",
            "www A 192.0.2.1\na CNAME target.example.net.\nb CNAME back.example.net.\nmissing CNAME missing.example.net.\nfar CNAME www.example.com.\nround CNAME round.example.net.\nd DNAME example.net.\n");
        Assert.Equal(["a.example.org. 3600 IN CNAME target.example.net.", "target.example.net. 3600 IN A 192.0.2.9"], Ask(harness, "a.example.org.").Answer);
        Assert.Equal(3, Ask(harness, "b.example.org.").Answer.Count);
        Assert.Equal(3, Ask(harness, "target.d.example.org.").Answer.Count);

        Reply missing = Ask(harness, "missing.example.org.");
        Assert.Equal(DnsResponseCode.NameError, missing.Code);
        Assert.Single(missing.Answer);
        Assert.StartsWith("example.net. 300 IN SOA", Assert.Single(missing.Authority));

        Reply far = Ask(harness, "far.example.org.");
        Assert.Equal(DnsResponseCode.NoError, far.Code);
        Assert.Equal(["far.example.org. 3600 IN CNAME www.example.com."], far.Answer);
        Assert.StartsWith("example.org. 3600 IN NS", Assert.Single(far.Authority));

        Assert.Equal(DnsResponseCode.ServerFailure, Ask(harness, "round.example.org.").Code);
    }

    /// <summary>RFC 4035 §3.1.4.1: DS at a zone's apex is in the zone above, when that is here too.</summary>
    [Fact]
    public async Task DsBelongsToTheParent()
    {
        Write("child", "");
        await using PluginHarness harness = Start("file db example.org\nfile child sub.example.org", "sub NS ns.example.net.\nsub DS 1 13 2 AABB\n");
        Assert.StartsWith("sub.example.org. 3600 IN DS", Assert.Single(new Reply(harness.Chain.Ask("sub.example.org.", DnsRecordType.DS)).Answer));
        Assert.StartsWith("sub.example.org. 3600 IN SOA", Assert.Single(new Reply(harness.Chain.Ask("sub.example.org.", DnsRecordType.SOA)).Answer));
        Assert.StartsWith("example.org. 300 IN SOA", Assert.Single(new Reply(harness.Chain.Ask("example.org.", DnsRecordType.DS)).Authority));
    }

    [Theory]
    [InlineData("file", "1 argument")]
    [InlineData("file db example.org {\nreload\n}", "duration")]
    [InlineData("file db example.org {\nreload -1s\n}", "duration")]
    [InlineData("file db example.org {\nrelaod 1s\n}", "did you mean 'reload'")]
    [InlineData("file db example.org {\nreload_by_mtime yes\n}", "takes no arguments")]
    [InlineData("file nowhere example.org {\nreload 0\n}", "nowhere: cannot be read")]
    public async Task SyntaxErrors(string directive, string expected)
    {
        Write("db", "");
        await using PluginHarness harness = PluginHarness.Stanza($"root {_directory}\n{directive}");
        Assert.False(harness.IsAccepted);
        if (!directive.Equals("file", StringComparison.Ordinal))
        {
            Assert.Contains(expected, harness.Errors);
        }
    }

    [Fact]
    public async Task ABadFileIsAnErrorOfTheCorefile()
    {
        File.WriteAllText(Path.Combine(_directory, "db"), Apex + "a A 192.0.2\nb CNAME c\nb A 192.0.2.1\nd AAAA 1\n");
        await using PluginHarness harness = PluginHarness.Stanza($"root {_directory}\nfile db example.org");
        Assert.False(harness.IsAccepted);
        Assert.Equal(
            [
                $"{_directory}/db:4:5: error: zone example.org.: an IPv4 address, such as 192.0.2.1, must stand here",
                $"{_directory}/db:7:8: error: zone example.org.: an IPv6 address, such as 2001:db8::1, must stand here",
            ],
            harness.Errors.Split('\n'));
    }

    [Fact]
    public async Task UpstreamIsTakenAndDoesNothing()
    {
        await using PluginHarness harness = Start("file db example.org {\nupstream 192.0.2.1\n}", "");
        Assert.Contains(harness.Diagnostics.Items, i => i.Severity == DiagnosticSeverity.Warning && i.Message.Contains("upstream", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ReloadsByTheSerial()
    {
        await using PluginHarness harness = await Start("file db example.org {\nreload 10s\n}", "www A 192.0.2.1\n").StartAsync();
        Rewrite("www A 192.0.2.2\n", serial: 1);
        harness.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.1"], Ask(harness, "www.example.org.").Answer);
        Assert.Contains(harness.Log.Lines, l => l.Contains("the serial number of example.org. has not", StringComparison.Ordinal));

        Rewrite("www A 192.0.2.3\n", serial: 2);
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.1"], Ask(harness, "www.example.org.").Answer);
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.3"], Ask(harness, "www.example.org.").Answer);
    }

    [Fact]
    public async Task ReloadsByTime()
    {
        await using PluginHarness harness = await Start("file db example.org {\nreload 10s\nreload_by_mtime\n}", "www A 192.0.2.1\n").StartAsync();
        Rewrite("www A 192.0.2.2\n", serial: 1);
        harness.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.2"], Ask(harness, "www.example.org.").Answer);
    }

    [Fact]
    public async Task ABadFileLeavesTheZoneAsItWas()
    {
        await using PluginHarness harness = await Start("file db example.org {\nreload 10s\n}", "www A 192.0.2.1\n").StartAsync();
        Rewrite("www A 192.0.2\n", serial: 2);
        harness.Time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.1"], Ask(harness, "www.example.org.").Answer);
        Assert.Single(harness.Log.Lines, l => l.Contains("db:4:7: error: an IPv4 address", StringComparison.Ordinal));
        Assert.Single(harness.Log.Lines, l => l.Contains("serial 1 stays in service", StringComparison.Ordinal));

        File.Delete(Path.Combine(_directory, "db"));
        harness.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.1"], Ask(harness, "www.example.org.").Answer);
        Assert.Contains(harness.Log.Lines, l => l.Contains("cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AFileThatIsMissingIsWaitedFor()
    {
        await using PluginHarness harness = await PluginHarness.Stanza($"root {_directory}\nfile db example.org").StartAsync();
        Assert.Contains(harness.Diagnostics.Items, i => i.Severity == DiagnosticSeverity.Warning && i.Message.Contains("tried again every 1m0s", StringComparison.Ordinal));
        Assert.Equal(DnsResponseCode.ServerFailure, Ask(harness, "www.example.org.").Code);
        Rewrite("www A 192.0.2.1\n", serial: 1);
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.1"], Ask(harness, "www.example.org.").Answer);
    }

    [Fact]
    public async Task AnIncludedFileCounts()
    {
        File.WriteAllText(Path.Combine(_directory, "db"), "$INCLUDE rest\n");
        File.WriteAllText(Path.Combine(_directory, "rest"), Apex + "www A 192.0.2.1\n");
        await using PluginHarness harness = await PluginHarness.Stanza($"root {_directory}\nfile db example.org").StartAsync();
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.1"], Ask(harness, "www.example.org.").Answer);
        File.WriteAllText(Path.Combine(_directory, "rest"), Apex.Replace("admin 1", "admin 2", StringComparison.Ordinal) + "www A 192.0.2.2\n");
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["www.example.org. 3600 IN A 192.0.2.2"], Ask(harness, "www.example.org.").Answer);
    }

    [Theory]
    [InlineData("www.example.org.", DnsRecordType.A)]
    [InlineData("www.example.org.", DnsRecordType.MX)]
    [InlineData("nothing.example.org.", DnsRecordType.A)]
    [InlineData("x.w.example.org.", DnsRecordType.A)]
    [InlineData("x.child.example.org.", DnsRecordType.A)]
    [InlineData("x.d.example.org.", DnsRecordType.A)]
    public async Task AnswersWithoutAllocating(string name, DnsRecordType type)
    {
        await using PluginHarness harness = Start("file db example.org", "www A 192.0.2.1\n*.w A 192.0.2.2\nchild NS ns.child\nns.child A 192.0.2.3\nd DNAME w\n");
        int length = harness.Chain.Begin(name, type);
        AllocationAssert.None(() =>
        {
            harness.Chain.BeginAgain(length);
            harness.Chain.Run();
        });
        Assert.Equal(DnsOutcome.Replied, harness.Chain.Outcome);
    }

    private static Reply Ask(PluginHarness harness, string name) => new(harness.Chain.Ask(name, DnsRecordType.A));

    private PluginHarness Start(string directives, string records)
    {
        Write("db", records);
        return PluginHarness.Stanza($"root {_directory}\n{directives}");
    }

    private void Write(string file, string records) => File.WriteAllText(Path.Combine(_directory, file), Apex + records);

    /// <summary>Writes the file anew, with a time of its own however fast the test is.</summary>
    private void Rewrite(string records, int serial)
    {
        string path = Path.Combine(_directory, "db");
        DateTime time = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : DateTime.UtcNow;
        File.WriteAllText(path, Apex.Replace("admin 1", $"admin {serial}", StringComparison.Ordinal) + records);
        File.SetLastWriteTimeUtc(path, time.AddSeconds(2));
    }
}
