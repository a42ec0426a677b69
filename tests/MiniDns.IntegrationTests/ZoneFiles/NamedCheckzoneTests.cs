using MiniDns.IntegrationTests.Support;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.IntegrationTests.ZoneFiles;

/// <summary>What is wrong with a zone file for named-checkzone of BIND is wrong for us.</summary>
public sealed class NamedCheckzoneTests : IDisposable
{
    private const string Apex = "$TTL 60\n@ SOA ns.example.net. admin 1 2 3 4 5\n@ NS ns.example.net.\n";
    private const string Long60 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string Long64 = Long60 + "aaaa";

    private readonly TestDirectory _directory = new();

    public enum Verdict
    {
        Fine,
        Warning,
        Error,
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("a plain zone", Apex + "www A 192.0.2.1\n", Verdict.Fine)]
    [InlineData("no SOA", "$TTL 60\n@ NS ns.example.net.\n", Verdict.Error)]
    [InlineData("two SOA records", Apex + "@ SOA ns.example.net. admin 2 2 3 4 5\n", Verdict.Error)]
    [InlineData("a SOA below the apex", Apex + "sub SOA a b 1 2 3 4 5\n", Verdict.Error)]
    [InlineData("a CNAME and other data", Apex + "a CNAME b\na A 192.0.2.1\n", Verdict.Error)]
    [InlineData("two CNAMEs", Apex + "a CNAME b\na CNAME c\n", Verdict.Error)]
    [InlineData("one CNAME twice", Apex + "a CNAME b\na CNAME b\n", Verdict.Fine)]
    [InlineData("two DNAMEs", Apex + "a DNAME b\na DNAME c\n", Verdict.Error)]
    [InlineData("a CNAME and a DNAME", Apex + "a CNAME b\na DNAME c\n", Verdict.Error)]
    [InlineData("a DNAME and NS", Apex + "a DNAME b\na NS ns.example.net.\n", Verdict.Fine)]
    [InlineData("records below a DNAME", Apex + "a DNAME b\nx.a A 192.0.2.1\n", Verdict.Fine)]
    [InlineData("a CNAME at the apex", Apex + "@ CNAME b\n", Verdict.Error)]
    [InlineData("no IPv4 address", Apex + "a A 192.0.2.256\n", Verdict.Error)]
    [InlineData("no IPv6 address", Apex + "a AAAA 1:2\n", Verdict.Error)]
    [InlineData("TTLs that differ in an RRset", Apex + "a 60 A 192.0.2.1\na 61 A 192.0.2.2\n", Verdict.Warning)]
    [InlineData("a record outside of the zone", Apex + "www.example.net. A 192.0.2.1\n", Verdict.Warning)]
    [InlineData("glue outside of the zone", Apex + "sub NS ns.example.net.\nns.example.net. A 192.0.2.1\n", Verdict.Warning)]
    [InlineData("no glue", Apex + "c NS ns.c\n", Verdict.Warning)]
    [InlineData("a server without addresses", Apex + "c NS ns.c\nns.c TXT x\n", Verdict.Warning)]
    [InlineData("a server that is an alias", Apex + "c NS alias\nalias CNAME www\nwww A 192.0.2.1\n", Verdict.Warning)]
    [InlineData("an exchanger that does not exist", Apex + "m MX 10 nothing\n", Verdict.Warning)]
    [InlineData("an exchanger that is an alias", Apex + "m MX 10 c\nc CNAME w\nw A 192.0.2.1\n", Verdict.Warning)]
    [InlineData("an exchanger that is an address", Apex + "m MX 10 192.0.2.1\n", Verdict.Warning)]
    [InlineData("a service that does not exist", Apex + "s SRV 1 1 1 nothing\n", Verdict.Warning)]
    [InlineData("a service that is an alias", Apex + "s SRV 1 1 1 c\nc CNAME w\nw A 192.0.2.1\n", Verdict.Warning)]
    [InlineData("another class", Apex + "a CH A 192.0.2.1\n", Verdict.Error)]
    [InlineData("an open parenthesis", Apex + "a TXT ( x\n", Verdict.Error)]
    [InlineData("an open quote", Apex + "a TXT \"x\n", Verdict.Error)]
    [InlineData("a closing parenthesis", Apex + "a TXT x )\n", Verdict.Error)]
    [InlineData("an empty label", Apex + "a..b A 192.0.2.1\n", Verdict.Error)]
    [InlineData("a long label", Apex + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa A 192.0.2.1\n", Verdict.Error)]
    [InlineData("a long name", Apex + Long60 + "." + Long60 + "." + Long60 + "." + Long60 + "." + Long60 + " A 192.0.2.1\n", Verdict.Error)]
    [InlineData("an unknown type", Apex + "a NOTYPE x\n", Verdict.Error)]
    [InlineData("an unknown type in the general form", Apex + "a TYPE65280 \\# 2 0102\n", Verdict.Fine)]
    [InlineData("a wrong length in the general form", Apex + "a TYPE65280 \\# 3 0102\n", Verdict.Error)]
    [InlineData("no data", Apex + "a A\n", Verdict.Error)]
    [InlineData("too much data", Apex + "a A 192.0.2.1 192.0.2.2\n", Verdict.Error)]
    [InlineData("an unknown directive", Apex + "$FOO bar\n", Verdict.Error)]
    [InlineData("a range", Apex + "$GENERATE 1-3 h$ A 192.0.2.$\n", Verdict.Fine)]
    [InlineData("a range that ends before it starts", Apex + "$GENERATE 3-1 h$ A 192.0.2.$\n", Verdict.Error)]
    [InlineData("a range that makes no addresses", Apex + "$GENERATE 250-260 h$ A 192.0.2.$\n", Verdict.Error)]
    [InlineData("an include that is not there", Apex + "$INCLUDE nowhere\n", Verdict.Error)]
    [InlineData("an @ in a mailbox", "$TTL 60\n@ SOA ns.example.net. ad_min@foo 1 2 3 4 5\n@ NS ns.example.net.\n", Verdict.Fine)]
    [InlineData("a serial number of 33 bits", "$TTL 60\n@ SOA ns.example.net. admin 4294967296 2 3 4 5\n@ NS ns.example.net.\n", Verdict.Error)]
    [InlineData("a serial number that is none", "$TTL 60\n@ SOA ns.example.net. admin abc 2 3 4 5\n@ NS ns.example.net.\n", Verdict.Error)]
    [InlineData("a record twice", Apex + "a A 192.0.2.1\na A 192.0.2.1\n", Verdict.Fine)]
    [InlineData("a record twice in other letters", Apex + "a A 192.0.2.1\nA A 192.0.2.1\n", Verdict.Fine)]
    [InlineData("half a key", Apex + "@ DNSKEY 256 3 8 AAA\n", Verdict.Error)]
    [InlineData("a DS without a delegation", Apex + "x DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n", Verdict.Fine)]
    [InlineData("records below a delegation", Apex + "c NS ns.example.net.\nx.c TXT hello\n", Verdict.Fine)]
    [InlineData("flags that are too large", Apex + "a CAA 256 issue \"x\"\n", Verdict.Error)]
    [InlineData("a string of 256 octets", Apex + "a TXT \"" + Long64 + Long64 + Long64 + Long64 + "\"\n", Verdict.Error)]
    [InlineData("half an escape", Apex + "a TXT \\25x\n", Verdict.Error)]
    [InlineData("no first owner", " A 192.0.2.1\n$TTL 60\n@ SOA ns.example.net. admin 1 2 3 4 5\n@ NS ns.example.net.\n", Verdict.Error)]
    [InlineData("a comment of another language", Apex + "# comment\n", Verdict.Error)]
    [InlineData("a PTR to an odd name", Apex + "p PTR a_b.example.net.\n", Verdict.Fine)]
    [InlineData("a null MX", Apex + "m MX 0 .\n", Verdict.Fine)]
    [InlineData("a server that is an address", Apex + "c NS 192.0.2.1\n", Verdict.Warning)]
    [InlineData("a parameter twice", Apex + "a SVCB 1 . port=1 port=2\n", Verdict.Error)]
    [InlineData("SPF as SPF and as TXT", Apex + "a TXT \"v=spf1 -all\"\na SPF \"v=spf1 -all\"\n", Verdict.Fine)]
    [InlineData("a place that is none", Apex + "a LOC 91 0 0 N 0 0 0 E 0m\n", Verdict.Error)]
    [InlineData("an empty file", "", Verdict.Error)]
    [InlineData("lines that end with CRLF", "$TTL 60\r\n@ SOA ns.example.net. admin 1 2 3 4 5\r\n@ NS ns.example.net.\r\n", Verdict.Fine)]
    [InlineData("a signature over nothing", Apex + "a RRSIG A 13 3 60 20300101000000 20200101000000 1 @ AA==\n", Verdict.Fine)]
    public async Task Both_judge_alike(string what, string text, Verdict verdict) =>
        Assert.Equal((what, verdict, verdict), (what, Ours(text), await TheirsAsync(text)));

    /// <summary>The README of <c>file</c> says so.</summary>
    [Theory]
    [InlineData("no NS", "$TTL 60\n@ SOA a b 1 2 3 4 5\n", Verdict.Warning, Verdict.Error)]
    [InlineData("a TTL of 32 bits", Apex + "a 2147483648 A 192.0.2.1\n", Verdict.Error, Verdict.Warning)]
    [InlineData("no TTL", "@ SOA a b 1 2 3 4 5\n@ NS ns.example.net.\na A 192.0.2.1\n", Verdict.Fine, Verdict.Warning)]
    [InlineData("the zone's server is an alias", "$TTL 60\n@ SOA ns.example.net. admin 1 2 3 4 5\n@ NS alias\nalias CNAME www\nwww A 192.0.2.1\n", Verdict.Warning, Verdict.Error)]
    [InlineData("the zone's server does not exist", "$TTL 60\n@ SOA ns.example.net. admin 1 2 3 4 5\n@ NS ns\n", Verdict.Warning, Verdict.Error)]
    [InlineData("the zone's server has no address", "$TTL 60\n@ SOA ns.example.net. admin 1 2 3 4 5\n@ NS ns\nns TXT x\n", Verdict.Warning, Verdict.Error)]
    [InlineData("an underscore in a host's name", Apex + "a_b A 192.0.2.1\n", Verdict.Fine, Verdict.Warning)]
    [InlineData("an underscore in an exchanger's name", Apex + "m MX 10 a_b\na_b A 192.0.2.1\n", Verdict.Fine, Verdict.Warning)]
    [InlineData("NS at a wildcard", Apex + "*.w NS ns.example.net.\n", Verdict.Warning, Verdict.Error)]
    [InlineData("a DS at the apex", Apex + "@ DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000\n", Verdict.Warning, Verdict.Error)]
    [InlineData("NSEC3 with many iterations", Apex + "@ NSEC3PARAM 1 0 3000 -\n0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 3000 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NS SOA\n", Verdict.Error, Verdict.Warning)]
    [InlineData("NSEC3 parameters without NSEC3", Apex + "@ NSEC3PARAM 1 0 3000 -\n", Verdict.Fine, Verdict.Warning)]
    [InlineData("SPF as SPF alone", Apex + "a SPF \"v=spf1 -all\"\n", Verdict.Fine, Verdict.Warning)]
    [InlineData("a byte order mark", "\uFEFF$TTL 60\n@ SOA ns.example.net. admin 1 2 3 4 5\n@ NS ns.example.net.\n", Verdict.Fine, Verdict.Error)]
    [InlineData("no line end at the end", Apex + "a A 192.0.2.1", Verdict.Fine, Verdict.Warning)]
    public async Task We_judge_otherwise(string what, string text, Verdict ours, Verdict theirs) =>
        Assert.Equal((what, ours, theirs), (what, Ours(text), await TheirsAsync(text)));

    private Verdict Ours(string text)
    {
        var problems = new ZoneProblems();
        Zone? zone = ZoneLoader.FromFile(_directory.Write("ours", text), DnsName.Parse("example.org."), problems);
        Assert.Equal(zone is null, problems.HasErrors);
        return problems.HasErrors ? Verdict.Error : problems.WarningCount > 0 ? Verdict.Warning : Verdict.Fine;
    }

    private async Task<Verdict> TheirsAsync(string text)
    {
        ToolResult result = await Tool.RunInAsync(_directory.Path, "named-checkzone", ["example.org", _directory.Write("theirs", text)]);
        return result.ExitCode != 0 ? Verdict.Error
            : result.Lines.Concat(result.ErrorLines).Any(l => l != "OK" && !l.Contains("loaded serial", StringComparison.Ordinal)) ? Verdict.Warning
            : Verdict.Fine;
    }
}
