using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests;

public sealed class AllocationTests
{
    private static readonly Zone Signed = TestZone.LoadSigned("example.", Rfc4035_3_1.ExampleZoneTests.Text).Zone;
    private static readonly Zone Changed = ChangedZone.Make(Signed);

    [Theory]
    [InlineData("ai.example.", DnsRecordType.A, ZoneOutcome.Answer)]
    [InlineData("ai.example.", DnsRecordType.TXT, ZoneOutcome.NoData)]
    [InlineData("nothing.example.", DnsRecordType.A, ZoneOutcome.NameError)]
    [InlineData("a.b.c.d.example.", DnsRecordType.A, ZoneOutcome.NameError)]
    [InlineData("x.b.example.", DnsRecordType.A, ZoneOutcome.Delegation)]
    [InlineData("a.z.w.example.", DnsRecordType.MX, ZoneOutcome.Answer)]
    [InlineData("a.z.w.example.", DnsRecordType.A, ZoneOutcome.NoData)]
    public void NoLookupAllocates(string name, DnsRecordType type, ZoneOutcome expected)
    {
        DnsName asked = DnsName.Parse(name);
        ZoneOutcome outcome = default;
        foreach ((Zone zone, bool dnssec) in ((Zone, bool)[])[(Signed, false), (Signed, true), (Changed, false), (Changed, true)])
        {
            AllocationAssert.None(() =>
            {
                var sink = default(NullSink);
                Span<byte> scratch = stackalloc byte[ZoneLookup.ScratchSize];
                outcome = ZoneLookup.Find(zone, asked.View, asked.Hash, type, dnssec, scratch, ref sink).Outcome;
            });
            Assert.Equal(expected, outcome);
        }
    }

    private struct NullSink : IAnswerSink
    {
        public readonly void Add(DnsSection section, in RRsetView records)
        {
        }

        public readonly void Add(DnsSection section, in RRsetView records, uint ttl)
        {
        }

        public readonly void Add(DnsSection section, in RRsetView records, DnsNameView owner)
        {
        }

        public readonly void AddCname(DnsNameView owner, DnsRecordClass @class, uint ttl, DnsNameView target)
        {
        }
    }
}
