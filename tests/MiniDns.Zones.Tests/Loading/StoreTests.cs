using System.Globalization;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Loading;

/// <summary>The store keeps what it is given, however much of it and in whatever order.</summary>
public sealed class StoreTests
{
    private const string Apex = "$TTL 60\n@ SOA ns.example.net. admin 7 2 3 4 5\n@ NS ns.example.net.\n";

    [Fact]
    public void ManyNames()
    {
        const int Count = 30_000;
        string text = Apex + string.Concat(Enumerable.Range(0, Count).Select(i => $"h{i}.d{i % 10} A 10.0.{i / 256}.{i % 256}\n"));
        TestZone zone = TestZone.Load("example.org.", text);
        Assert.Equal(Count + 11, zone.Zone.NameCount);
        for (int i = 0; i < Count; i += 7)
        {
            Assert.Equal($"h{i}.d{i % 10}.example.org. 60 IN A 10.0.{i / 256}.{i % 256}", Assert.Single(zone.Records($"h{i}.d{i % 10}.example.org.", DnsRecordType.A, Protocol.Messages.DnsSection.Answer)));
        }
    }

    [Fact]
    public void LargeSets()
    {
        const int Count = 20_000;
        string text = Apex + string.Concat(Enumerable.Range(0, Count).Select(i => $"big A 10.0.{i / 256}.{i % 256}\nbig TXT \"{new string('x', 200)}{i}\"\n"))
            + "big A 10.0.0.0\nbig A 10.0.0.0\nafter A 192.0.2.1\n";
        TestZone zone = TestZone.Load("example.org.", text);
        Assert.True(zone.Zone.TryGetRecords(DnsName.Parse("big.example.org.").View, DnsRecordType.A, out RRsetView addresses));
        Assert.Equal(Count, addresses.Count);
        Assert.True(zone.Zone.TryGetRecords(DnsName.Parse("big.example.org.").View, DnsRecordType.TXT, out RRsetView texts));
        Assert.Equal(Count, texts.Count);
        Assert.Equal("Answer: after.example.org. A | example.org. NS | ", zone.Ask("after.example.org.", DnsRecordType.A));
    }

    [Fact]
    public void RecordsAreInCanonicalOrder()
    {
        // RFC 4034 §6.1's example
        TestZone zone = TestZone.Load("example.", """
            $TTL 60
            *.z TXT x
            \200.z TXT x
            Z.a TXT x
            zABC.a.EXAMPLE. TXT x
            yljkjljk.a TXT x
            \001.z TXT x
            z TXT x
            a TXT x
            @ NS ns.elsewhere.
            @ SOA ns admin 1 2 3 4 5
            """);
        List<string> owners = [];
        foreach (RRsetView set in zone.Zone.CanonicalRecords)
        {
            owners.Add($"{set.Owner.ToString()} {set.Type}");
        }

        Assert.Equal(
            [
                "example. SOA", "example. NS", "a.example. TXT", "yljkjljk.a.example. TXT", "Z.a.example. TXT", "zABC.a.EXAMPLE. TXT", "z.example. TXT",
                "\\001.z.example. TXT", "*.z.example. TXT", "\\200.z.example. TXT",
            ],
            owners);
    }

    [Fact]
    public void OrderOfManyNames()
    {
        var random = new Random(5);
        string text = Apex + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"{Label(random)}.{Label(random)} A 192.0.2.1\n"));
        TestZone zone = TestZone.Load("example.org.", text);
        DnsName? before = null;
        foreach (RRsetView set in zone.Zone.CanonicalRecords)
        {
            DnsName name = set.Owner.ToName();
            if (before is not null && set.Type != DnsRecordType.NS)
            {
                Assert.True(before.CompareTo(name) < 0, $"{before} {name}");
            }

            before = name;
        }
    }

    [Fact]
    public void AVersionMadeOfAnother()
    {
        TestZone zone = TestZone.LoadSigned("example.", Rfc4035_3_1.ExampleZoneTests.Text);
        var builder = new ZoneBuilder(zone.Zone.Origin, new ZoneProblems());
        builder.AddAll(zone.Zone);
        Zone copy = builder.TryBuild()!;
        Assert.Equal(All(zone.Zone), All(copy));
        Assert.Equal(zone.Zone.Serial, copy.Serial);
    }

    private static List<string> All(Zone zone)
    {
        List<string> sets = [];
        foreach (RRsetView set in zone.CanonicalRecords)
        {
            sets.Add($"{set.Owner.ToString()} {set.Ttl} {set.Type} {Convert.ToHexString(set.Body)}");
        }

        return sets;
    }

    private static string Label(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(6) switch
    {
        0 => "\\000",
        1 => "\\001",
        2 => "-",
        3 => "\\255",
        4 => "b",
        _ => random.Next(10).ToString(CultureInfo.InvariantCulture),
    }));
}
