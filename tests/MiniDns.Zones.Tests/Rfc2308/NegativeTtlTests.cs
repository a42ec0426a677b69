using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Rfc2308;

/// <summary>RFC 2308 §3: the SOA of a negative answer has the smaller of its TTL and its last field.</summary>
public sealed class NegativeTtlTests
{
    [Theory]
    [InlineData(3600, 300, 300)]
    [InlineData(300, 3600, 300)]
    [InlineData(0, 3600, 0)]
    public void Smaller(int ttl, int minimum, int expected)
    {
        TestZone zone = TestZone.LoadSigned("example.org.", $"""
            @ {ttl} SOA ns admin 1 2 3 4 {minimum}
            @ 60 NS ns.example.net.
            @ 60 NSEC @ SOA NS NSEC RRSIG
            """);
        foreach (string name in (string[])["example.org.", "x.example.org."])
        {
            IReadOnlyList<string> authority = zone.Records(name, DnsRecordType.A, DnsSection.Authority, dnssec: true);
            Assert.StartsWith($"example.org. {expected} IN SOA ", authority[0]);
            Assert.StartsWith($"example.org. {expected} IN RRSIG SOA ", authority[1]);
        }

        Assert.StartsWith($"example.org. {ttl} IN SOA ", zone.Records("example.org.", DnsRecordType.SOA, DnsSection.Answer)[0]);
    }
}
