using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Rfc9460;

/// <summary>RFC 9460 §4.1: addresses of the targets of SVCB and HTTPS are in the additional section.</summary>
public sealed class ServiceBindingTests
{
    private static readonly TestZone Example = TestZone.Load("example.org.", """
        $TTL 600
        @      SOA   ns admin 1 2 3 4 5
        @      NS    ns.example.net.
        @      HTTPS 1 . alpn=h2
        @      A     192.0.2.1
        alias  HTTPS 0 svc
        svc    A     192.0.2.2
        svc    AAAA  2001:db8::2
        _x     SVCB  1 svc port=1
        _x     SVCB  2 elsewhere.example.net.
        *.w    HTTPS 1 . alpn=h2
        *.w    A     192.0.2.3
        """);

    [Theory]
    [InlineData("example.org.", DnsRecordType.HTTPS, "Answer: example.org. HTTPS | example.org. NS | example.org. A")]
    [InlineData("alias.example.org.", DnsRecordType.HTTPS, "Answer: alias.example.org. HTTPS | example.org. NS | svc.example.org. A, svc.example.org. AAAA")]
    [InlineData("_x.example.org.", DnsRecordType.SVCB, "Answer: _x.example.org. SVCB | example.org. NS | svc.example.org. A, svc.example.org. AAAA")]
    [InlineData("a.w.example.org.", DnsRecordType.HTTPS, "Answer: a.w.example.org. HTTPS | example.org. NS | ")]
    public void Targets(string name, DnsRecordType type, string expected) => Assert.Equal(expected, Example.Ask(name, type));
}
