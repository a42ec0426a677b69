using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;
using Record = MiniDns.Zones.Tests.Support.ReferenceZone.Record;

namespace MiniDns.Zones.Tests;

/// <summary>The lookup against a slow one that is plainly the RFC's, over small random zones where everything meets everything.</summary>
public sealed class LookupPropertyTests
{
    private const string Origin = "z";
    private static readonly string[] Labels = ["a", "b", "*"];
    private static readonly DnsRecordType[] Types = [DnsRecordType.A, DnsRecordType.TXT, DnsRecordType.CNAME, DnsRecordType.NS, DnsRecordType.DNAME, DnsRecordType.DS];
    private static readonly string[] AllNames = [.. NamesOfDepth(4)];

    [Fact]
    public void LookupAgreesWithTheReference()
    {
        Gen<string> names = Gen.Elements(NamesOfDepth(3).ToArray());
        Gen<string> targets = Gen.Frequency((9, names), (1, Gen.Constant("elsewhere.y")));
        Gen<Record> record =
            from owner in names
            from type in Gen.Elements(Types)
            from target in targets
            select new Record(owner, type, type is DnsRecordType.CNAME or DnsRecordType.DNAME or DnsRecordType.NS ? target : null);
        Prop.ForAll(record.ListOf().Select(r => Tidy(r)).ToArbitrary(), Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    private static void Agrees(IReadOnlyList<Record> records)
    {
        var reference = new ReferenceZone(Origin, records);
        TestZone zone = TestZone.Load("z.", TextOf(records));
        foreach (string name in AllNames)
        {
            foreach (DnsRecordType type in Types)
            {
                string answer = zone.Ask(name + ".", type);
                string expected = reference.Ask(name, type);
                Assert.Equal($"{name} {type}: {expected}", $"{name} {type}: {answer[..answer.LastIndexOf(" | ", StringComparison.Ordinal)]}");
            }
        }
    }

    /// <summary>Makes a zone that can be served: an apex, no other data beside CNAME, one CNAME and one DNAME a name.</summary>
    private static List<Record> Tidy(IEnumerable<Record> records)
    {
        List<Record> tidy = [new(Origin, DnsRecordType.SOA), new(Origin, DnsRecordType.NS, "ns.y")];
        foreach (Record record in records)
        {
            bool isAlias = record.Type == DnsRecordType.CNAME;
            bool clashes = tidy.Any(r => r.Owner == record.Owner && (isAlias || r.Type == DnsRecordType.CNAME || r.Type == record.Type));
            if (!clashes)
            {
                tidy.Add(record);
            }
        }

        return tidy;
    }

    private static string TextOf(IEnumerable<Record> records)
    {
        var text = new StringBuilder("$TTL 60\n");
        foreach (Record record in records)
        {
            string rdata = record.Type switch
            {
                DnsRecordType.SOA => "ns.y. admin.y. 1 2 3 4 5",
                DnsRecordType.A => "192.0.2.1",
                DnsRecordType.TXT => "x",
                DnsRecordType.DS => "1 13 2 00",
                _ => record.Target + ".",
            };
            text.Append(record.Owner).Append(". ").Append(record.Type).Append(' ').Append(rdata).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> NamesOfDepth(int depth)
    {
        List<string> level = [Origin];
        for (int i = 0; i <= depth; i++)
        {
            foreach (string name in level)
            {
                yield return name;
            }

            level = [.. level.SelectMany(n => Labels.Select(l => $"{l}.{n}"))];
        }
    }
}
