using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Changes;

/// <summary>What changes to a zone may not be, and when a zone is built anew.</summary>
public sealed class ZonePatchTests
{
    private static readonly ZonePlace Place = new("changes");

    private static readonly Zone Before = TestZone.Load("example.org.", """
        $TTL 60
        @     SOA   ns.example.net. admin 1 2 3 4 5
        @     NS    ns.example.net.
        Host  A     192.0.2.1
        alias CNAME host
        mail  MX    10 later
        """).Zone;

    [Fact]
    public void ARecordToRemoveHasToBeThere()
    {
        var problems = new ZoneProblems();
        var patch = new ZonePatch(Before, problems);
        patch.Remove(NameOf("host"), DnsRecordType.A, [192, 0, 2, 2]);
        patch.Remove(NameOf("nowhere"), DnsRecordType.A, [192, 0, 2, 2]);
        Assert.Null(patch.TryBuild());
        Assert.Contains("the changes remove 2 records that the zone does not have", Assert.Single(problems.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoOtherDataComesBesideACname()
    {
        var problems = new ZoneProblems();
        var patch = new ZonePatch(Before, problems);
        patch.Add(NameOf("alias"), DnsRecordType.A, 60, [192, 0, 2, 2], Place);
        Assert.Null(patch.TryBuild());
        Assert.Contains("CNAME", Assert.Single(problems.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSoaStays()
    {
        var problems = new ZoneProblems();
        var patch = new ZonePatch(Before, problems);
        patch.Remove(Before.Origin.View, DnsRecordType.SOA, Before.Soa.First);
        Assert.Null(patch.TryBuild());
        Assert.True(problems.HasErrors);
    }

    [Fact]
    public void WhatIsAddedAndRemovedAgainIsNothing()
    {
        var patch = new ZonePatch(Before, new ZoneProblems());
        patch.Add(NameOf("x.y.z"), DnsRecordType.A, 60, [192, 0, 2, 2], Place);
        patch.Remove(NameOf("X.y.z"), DnsRecordType.A, [192, 0, 2, 2]);
        Zone after = patch.TryBuild()!;
        Assert.Equal(Before.NameCount, after.NameCount);
        Assert.True(ZoneDifference.Between(Before, after)!.IsEmpty);
    }

    /// <summary>An RRset is linked to a target that comes later, and keeps the case of its own name.</summary>
    [Fact]
    public void ATargetThatComesLater()
    {
        var patch = new ZonePatch(Before, new ZoneProblems());
        patch.Add(NameOf("later"), DnsRecordType.A, 60, [192, 0, 2, 2], Place);
        patch.Add(NameOf("host"), DnsRecordType.TXT, 60, [1, (byte)'x'], Place);
        Zone after = patch.TryChange()!;
        DnsName mail = DnsName.Parse("mail.example.org.");
        var sink = new AnswerText();
        ZoneLookup.Find(after, mail.View, mail.Hash, DnsRecordType.MX, false, new byte[ZoneLookup.ScratchSize], ref sink);
        Assert.Equal(["later.example.org. 60 IN A 192.0.2.2"], sink.Records(DnsSection.Additional));
        Assert.True(after.TryGetRecords(NameOf("host"), DnsRecordType.A, out RRsetView host));
        Assert.Equal("Host.example.org.", host.Owner.ToString());
    }

    /// <summary>However often a zone changes, what it takes in memory stays in proportion.</summary>
    [Fact]
    public void ManyVersions()
    {
        Zone zone = Before;
        for (int i = 0; i < 2000; i++)
        {
            var patch = new ZonePatch(zone, new ZoneProblems());
            patch.Add(NameOf($"n{i}"), DnsRecordType.A, 60, [192, 0, 2, 2], Place);
            if (i > 0)
            {
                patch.Remove(NameOf($"n{i - 1}"), DnsRecordType.A, [192, 0, 2, 2]);
            }

            zone = patch.TryBuild()!;
        }

        Assert.Equal(Before.NameCount + 1, zone.NameCount);
        Assert.True(zone.Footprint < 20_000, $"{zone.Footprint} octets");
    }

    private static DnsNameView NameOf(string name) => DnsName.Parse(name + ".example.org.").View;
}
