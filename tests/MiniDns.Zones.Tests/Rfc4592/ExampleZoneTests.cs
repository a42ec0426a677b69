using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Rfc4592;

/// <summary>The example of RFC 4592 §2.2.1, and the questions to it that the RFC answers.</summary>
public sealed class ExampleZoneTests
{
    private const string Text = """
        $ORIGIN example.
        example.                 3600 IN  SOA   ns.example.com. admin.example. 1 7200 3600 1209600 300
        example.                 3600     NS    ns.example.com.
        example.                 3600     NS    ns.example.net.
        *.example.               3600     TXT   "this is a wildcard"
        *.example.               3600     MX    10 host1.example.
        sub.*.example.           3600     TXT   "this is not a wildcard"
        host1.example.           3600     A     192.0.2.1
        _ssh._tcp.host1.example. 3600     SRV   0 0 22 host1.example.
        _ssh._tcp.host2.example. 3600     SRV   0 0 22 host2.example.
        subdel.example.          3600     NS    ns.example.com.
        subdel.example.          3600     NS    ns.example.net.
        """;

    private static readonly TestZone Example = TestZone.Load("example.", Text);

    /// <summary>"The following responses would be synthesized from one of the wildcards".</summary>
    [Theory]
    [InlineData("host3.example.", DnsRecordType.MX, "Answer: host3.example. MX | example. NS | host1.example. A")]
    [InlineData("host3.example.", DnsRecordType.A, "NoData:  | example. SOA | ")]
    [InlineData("foo.bar.example.", DnsRecordType.TXT, "Answer: foo.bar.example. TXT | example. NS | ")]
    public void Synthesized(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    /// <summary>"The following responses would not be synthesized from any of the wildcards".</summary>
    [Theory]
    [InlineData("host1.example.", DnsRecordType.MX, "NoData:  | example. SOA | ")]                  // host1.example. exists
    [InlineData("sub.*.example.", DnsRecordType.MX, "NoData:  | example. SOA | ")]                  // sub.*.example. exists
    [InlineData("_telnet._tcp.host1.example.", DnsRecordType.SRV, "NameError:  | example. SOA | ")] // _tcp.host1.example. exists
    [InlineData("host.subdel.example.", DnsRecordType.A, "Delegation:  | subdel.example. NS | ")]   // subdel.example. is a zone cut
    [InlineData("ghost.*.example.", DnsRecordType.MX, "NameError:  | example. SOA | ")]             // *.example. exists
    public void NotSynthesized(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    /// <summary>§2.2.1: "QNAME=*.example." asks for the wildcard itself.</summary>
    [Theory]
    [InlineData("*.example.", DnsRecordType.TXT, "Answer: *.example. TXT | example. NS | ")]
    [InlineData("*.example.", DnsRecordType.A, "NoData:  | example. SOA | ")]
    [InlineData("sub.*.example.", DnsRecordType.TXT, "Answer: sub.*.example. TXT | example. NS | ")]
    public void AskedLiterally(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));

    /// <summary>§2.2.2: names without records that others are below exist.</summary>
    [Theory]
    [InlineData("_tcp.host1.example.")]
    [InlineData("host2.example.")]
    public void EmptyNonTerminalsExist(string name)
    {
        ZoneAnswer answer = Example.Find(name, DnsRecordType.TXT, false, out AnswerText text, out _);
        Assert.Equal(ZoneOutcome.NoData, answer.Outcome);
        Assert.True(answer.IsEmptyName);
        Assert.Equal(" | example. SOA | ", text.Sets);
    }

    [Fact]
    public void ExpansionKeepsTtlAndRdata() =>
        Assert.Equal(["a.b.c.example. 3600 IN TXT \"this is a wildcard\""], Example.Records("a.b.c.example.", DnsRecordType.TXT, DnsSection.Answer));

    /// <summary>§3.3.1: the wildcard of the closest encloser, even when it is itself an empty non-terminal.</summary>
    [Fact]
    public void EmptyWildcard()
    {
        TestZone zone = TestZone.Load("example.", """
            @ 60 SOA ns admin 1 2 3 4 5
            @ 60 NS ns.example.com.
            f.*.e 60 A 192.0.2.1
            """);
        Assert.Equal("NoData:  | example. SOA | ", zone.Ask("x.e.example.", DnsRecordType.A));
        Assert.False(zone.Find("x.e.example.", DnsRecordType.A, false, out _, out _).IsEmptyName);
        Assert.True(zone.Find("*.e.example.", DnsRecordType.A, false, out _, out _).IsEmptyName);
        Assert.Equal("NameError:  | example. SOA | ", zone.Ask("x.*.e.example.", DnsRecordType.A));
    }

    /// <summary>§4.3: a CNAME at a wildcard answers for the expanded name, and its target is looked up.</summary>
    [Fact]
    public void WildcardCname()
    {
        TestZone zone = TestZone.Load("example.", """
            @ 60 SOA ns admin 1 2 3 4 5
            @ 60 NS ns.example.com.
            * 60 CNAME target
            target 60 A 192.0.2.1
            *.loop 60 CNAME x.loop
            *.wide 60 CNAME a.wide
            """);
        Assert.Equal("Answer: x.example. CNAME, target.example. A | example. NS | ", zone.Ask("x.example.", DnsRecordType.A));
        Assert.Equal("Answer: x.example. CNAME | example. NS | ", zone.Ask("x.example.", DnsRecordType.CNAME));
        Assert.Equal("Answer: x.loop.example. CNAME | example. NS | ", zone.Ask("x.loop.example.", DnsRecordType.A));
        Assert.Equal("Answer: y.loop.example. CNAME, x.loop.example. CNAME | example. NS | ", zone.Ask("y.loop.example.", DnsRecordType.A));
    }
}
