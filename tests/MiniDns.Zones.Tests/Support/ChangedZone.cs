using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones.Tests.Support;

/// <summary>Comes to a zone by changes: from a zone with little in it, in steps, each of which adds some of the RRsets, and some things
/// that the next takes away again.</summary>
internal static class ChangedZone
{
    private const int Steps = 5;

    private static readonly DnsRecordType[] Passing = [DnsRecordType.NS, DnsRecordType.DNAME, DnsRecordType.A];

    public static Zone Make(Zone zone)
    {
        var random = new Random(1);
        var problems = new ZoneProblems();
        var place = new ZonePlace("test");
        List<RRset> sets = [];
        foreach (RRsetView set in zone.Records)
        {
            sets.Add(set.ToRRset());
        }

        var first = new ZoneBuilder(zone.Origin, problems);
        foreach (ReadOnlySpan<byte> rdata in sets[0])
        {
            first.Add(zone.Origin.View, DnsRecordType.SOA, DnsRecordClass.IN, sets[0].Ttl, rdata, place);
        }

        Zone changed = first.TryBuild()!;
        RRset[] rest = [.. sets.Skip(1).OrderBy(_ => random.Next())];
        List<(DnsName Owner, DnsRecordType Type)> passing = [];
        for (int step = 1; step <= Steps; step++)
        {
            var patch = new ZonePatch(changed, problems);
            foreach ((DnsName owner, DnsRecordType type) in passing)
            {
                patch.Remove(owner.View, type, RdataOf(type));
            }

            passing.Clear();
            foreach (RRset set in rest[(rest.Length * (step - 1) / Steps)..(rest.Length * step / Steps)])
            {
                foreach (ReadOnlySpan<byte> rdata in set)
                {
                    patch.Add(set.Owner.View, set.Type, set.Ttl, rdata, place);
                }
            }

            for (int i = 0; i < 4 && step < Steps; i++)
            {
                // Hides what is below an owner, or makes names below it.
                RRset like = sets[random.Next(sets.Count)];
                DnsRecordType type = Passing[random.Next(Passing.Length)];
                DnsName owner = type == DnsRecordType.A && DnsName.TryConcat(DnsName.Parse("*.passing").View, like.Owner.View, out DnsName? below) ? below : like.Owner;
                bool isAlone = !sets.Any(s => s.Owner == owner && s.Type is DnsRecordType.CNAME or DnsRecordType.DNAME or DnsRecordType.SOA);
                if (isAlone && !passing.Contains((owner, type)) && !sets.Any(s => s.Owner == owner && s.Type == type))
                {
                    patch.Add(owner.View, type, 5, RdataOf(type), place);
                    passing.Add((owner, type));
                }
            }

            changed = patch.TryChange()!;
            Assert.Empty(problems.Errors.Select(e => e.ToString()));
        }

        return changed;
    }

    private static ReadOnlySpan<byte> RdataOf(DnsRecordType type) => type == DnsRecordType.A ? [192, 0, 2, 99] : DnsName.Parse("passing.test").Wire;
}
