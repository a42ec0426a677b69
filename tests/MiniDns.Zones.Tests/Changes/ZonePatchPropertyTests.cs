using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Changes;

/// <summary>A version made by changes is the version built of the same records: for questions, for transfers, for comparisons; and the
/// version it was made of stays as it was.</summary>
public sealed class ZonePatchPropertyTests
{
    private static readonly DnsRecordType[] Types =
    [
        DnsRecordType.A, DnsRecordType.TXT, DnsRecordType.MX, DnsRecordType.SRV, DnsRecordType.HTTPS, DnsRecordType.CNAME, DnsRecordType.NS, DnsRecordType.DNAME,
        DnsRecordType.DS, DnsRecordType.NSEC, DnsRecordType.SOA, DnsRecordType.ANY, DnsRecordType.RRSIG,
    ];

    private static readonly string[] Questions =
        [.. ZoneModel.Names, .. ZoneModel.NamesOfDepth(4).Where((n, i) => i % 5 == 0), "0.z.", "a0.z.", "c.z.", "c.a.z.", "0.b.a.z.", "c.c.c.b.z.", "x.*.z.", "00000000000000000000000000000000.z."];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void AnswersAsIfBuiltWhole(bool hasNsec, bool hasNsec3)
    {
        Gen<(int Seed, int[] Changes)> runs =
            from seed in Gen.Choose(0, int.MaxValue)
            from changes in Gen.Choose(1, 25).ArrayOf(5)
            select (seed, changes);
        Prop.ForAll(runs.ToArbitrary(), run => Agrees(new ZoneModel(run.Seed, hasNsec, hasNsec3), run.Changes)).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    private static void Agrees(ZoneModel model, int[] changes)
    {
        model.Change(20);
        HashSet<string> lines = model.Lines;
        Zone changed = ZoneModel.Build(lines);
        Zone whole = changed;
        List<(Zone Zone, string Answers)> earlier = [(changed, AnswersOf(changed))];
        foreach (int count in changes)
        {
            model.Change(count);
            HashSet<string> next = model.Lines;
            Zone before = changed;
            Zone wholeBefore = whole;
            changed = ZoneModel.Patch(before, lines, next).TryChange()!;
            whole = ZoneModel.Build(next);
            Assert.NotNull(changed);
            Assert.Equal(whole.NameCount, changed.NameCount);
            string answers = AnswersOf(changed);
            AssertSame(AnswersOf(whole), answers);
            Assert.Equal(RecordsOf(whole, isCanonical: true), RecordsOf(changed, isCanonical: true));
            Assert.Equal(RecordsOf(whole, isCanonical: false).Order(), RecordsOf(changed, isCanonical: false).Order());
            Assert.Equal(DifferenceOf(wholeBefore, whole), DifferenceOf(before, changed));
            earlier.Add((changed, answers));
            lines = next;
        }

        foreach ((Zone zone, string answers) in earlier)
        {
            AssertSame(answers, AnswersOf(zone));
        }
    }

    private static void AssertSame(string expected, string actual)
    {
        if (expected != actual)
        {
            (string First, string Second) = expected.Split('\n').Zip(actual.Split('\n')).First(p => p.First != p.Second);
            Assert.Equal(First, Second);
        }
    }

    /// <summary>What all questions are answered with, a line each.</summary>
    private static string AnswersOf(Zone zone)
    {
        var text = new System.Text.StringBuilder();
        Span<byte> scratch = stackalloc byte[ZoneLookup.ScratchSize];
        foreach (string question in Questions)
        {
            DnsName name = DnsName.Parse(question);
            foreach (DnsRecordType type in Types)
            {
                foreach (bool dnssec in (bool[])[false, true])
                {
                    var sink = new SortedRecords([]);
                    ZoneAnswer answer = ZoneLookup.Find(zone, name.View, name.Hash, type, dnssec, scratch, ref sink);
                    string target = answer.Outcome == ZoneOutcome.Leaves ? new DnsNameView(scratch[..answer.TargetLength]).ToString() : "";
                    sink.Lines.Sort(StringComparer.Ordinal);
                    text.Append(question).Append(' ').Append(type).Append(dnssec ? " DO " : " ").Append(answer.Outcome).Append(answer.Aliases).Append(answer.IsEmptyName).Append(target).Append(": ")
                        .AppendJoin(", ", sink.Lines).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    /// <summary>All records; the order within an RRset means nothing.</summary>
    private static List<string> RecordsOf(Zone zone, bool isCanonical)
    {
        List<string> records = [];
        foreach (RRsetView set in isCanonical ? zone.CanonicalRecords : zone.Records)
        {
            records.Add(SortedRecords.TextOf(set, set.Owner, set.Ttl));
        }

        return records;
    }

    private static string DifferenceOf(Zone before, Zone after)
    {
        ZoneDifference difference = ZoneDifference.Between(before, after)!;
        List<string> records = [$"{difference.OldSerial} {difference.NewSerial}"];
        foreach (ChangeList list in (ChangeList[])[difference.Removed, difference.Added])
        {
            for (int i = 0; i < list.Count; i++)
            {
                records.Add(SortedRecords.TextOf(list[i], list[i].Owner, list[i].Ttl));
            }
        }

        return string.Join('\n', records);
    }

    private readonly struct SortedRecords(List<string> lines) : IAnswerSink
    {
        public List<string> Lines { get; } = lines;

        public static string TextOf(in RRsetView records, DnsNameView owner, uint ttl)
        {
            List<string> rdatas = [];
            foreach (ReadOnlySpan<byte> rdata in records)
            {
                rdatas.Add(Convert.ToHexString(rdata));
            }

            rdatas.Sort(StringComparer.Ordinal);
            return $"{owner.ToString()} {ttl} {records.Type} {string.Join('+', rdatas)}";
        }

        public void Add(DnsSection section, in RRsetView records) => Lines.Add($"{section} {TextOf(records, records.Owner, records.Ttl)}");

        public void Add(DnsSection section, in RRsetView records, uint ttl) => Lines.Add($"{section} {TextOf(records, records.Owner, ttl)}");

        public void Add(DnsSection section, in RRsetView records, DnsNameView owner) => Lines.Add($"{section} {TextOf(records, owner, records.Ttl)}");

        public void AddCname(DnsNameView owner, DnsRecordClass @class, uint ttl, DnsNameView target) => Lines.Add($"made {owner.ToString()} {ttl} {target.ToString()}");
    }
}
