using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Client.Transfers;
using MiniDns.Plugins.Primaries;
using MiniDns.Plugins.Secondary;
using MiniDns.Protocol.Names;
using MiniDns.Testing;
using MiniDns.Zones;

namespace MiniDns.Plugins.Tests.Secondary;

public sealed class ZoneUpdateTests
{
    private const string Origin = SecondaryBench.Zone;

    [Fact]
    public void Changes_make_the_zone_that_a_whole_transfer_makes()
    {
        string text = SecondaryBench.Text(1) + "a TXT \"1\" \"2\"\nb MX 10 mail\nmail A 192.0.2.25\n";
        string next = SecondaryBench.Text(2) + "a TXT \"1\" \"3\"\nmail A 192.0.2.25\nmail A 192.0.2.26\nc CNAME mail\n";
        Zone changed = Apply(SecondaryBench.Build(Origin, text), Changes(text, next));
        Assert.Equal(SecondaryBench.Dump(SecondaryBench.Build(Origin, next)), SecondaryBench.Dump(changed));
    }

    [Fact]
    public void Versions_in_between_leave_no_trace()
    {
        string one = SecondaryBench.Soa(1) + "a A 192.0.2.1\n";
        string two = SecondaryBench.Soa(2) + "a A 192.0.2.2\nx A 192.0.2.9\n";
        string three = SecondaryBench.Soa(3) + "a A 192.0.2.1\ny A 192.0.2.9\n";
        Zone changed = Apply(SecondaryBench.Build(Origin, one), [.. Changes(one, two), .. Changes(two, three)]);
        Assert.Equal(SecondaryBench.Dump(SecondaryBench.Build(Origin, three)), SecondaryBench.Dump(changed));
    }

    [Fact]
    public void Names_in_another_case_are_the_same_names()
    {
        string one = SecondaryBench.Soa(1) + "WWW MX 10 Mail\nmail A 192.0.2.1\n";
        Zone changed = Apply(SecondaryBench.Build(Origin, one), Changes(SecondaryBench.Soa(1) + "www MX 10 mail\nMAIL A 192.0.2.1\n", SecondaryBench.Soa(2) + "other A 192.0.2.2\n"));
        Assert.Equal(SecondaryBench.Dump(SecondaryBench.Build(Origin, SecondaryBench.Soa(2) + "other A 192.0.2.2\n")), SecondaryBench.Dump(changed));
    }

    [Fact]
    public void The_new_record_s_TTL_counts_for_its_RRset()
    {
        string one = SecondaryBench.Soa(1) + "a 60 A 192.0.2.1\n";
        string two = SecondaryBench.Soa(2) + "a 90 A 192.0.2.1\na 90 A 192.0.2.2\n";
        Zone changed = Apply(SecondaryBench.Build(Origin, one), [.. Changes(SecondaryBench.Soa(1), SecondaryBench.Soa(2) + "a 90 A 192.0.2.2\n")]);
        Assert.Equal(SecondaryBench.Dump(SecondaryBench.Build(Origin, two)), SecondaryBench.Dump(changed));
    }

    [Fact]
    public void Removing_what_is_not_there_is_an_error()
    {
        Zone zone = SecondaryBench.Build(Origin, SecondaryBench.Text(1));
        string? failure = Fail(zone, Changes(SecondaryBench.Soa(1) + "nothing A 192.0.2.1\n", SecondaryBench.Soa(2)));
        Assert.Contains("remove 1 records", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_is_no_zone_is_an_error()
    {
        Zone zone = SecondaryBench.Build(Origin, SecondaryBench.Text(1));
        Assert.Contains("CNAME", Fail(zone, Changes(SecondaryBench.Soa(1), SecondaryBench.Soa(2) + "www CNAME ns\n")), StringComparison.Ordinal);
        Assert.NotNull(Fail(null, Changes(SecondaryBench.Soa(1), SecondaryBench.Soa(2))));
    }

    [Fact]
    public void Any_history_applied_step_by_step_or_at_once_gives_the_same_zone()
    {
        Gen<string> record =
            from owner in Gen.Elements("a", "b", "c.b", "*.w", "A")
            from type in Gen.Elements("A 192.0.2.", "TXT x")
            from value in Gen.Choose(1, 4)
            select string.Create(CultureInfo.InvariantCulture, $"{owner} {type}{value}");
        Gen<string[]> content = record.ArrayOf().Select(r => r.Distinct(StringComparer.OrdinalIgnoreCase).ToArray());
        Gen<string[][]> history = content.ArrayOf(5).Where(h => h.Length > 1);
        Prop.ForAll(history.ToArbitrary(), versions =>
        {
            string[] texts = [.. versions.Select((v, i) => SecondaryBench.Soa((uint)i + 1) + string.Concat(v.Select(r => r + "\n")))];
            Zone step = SecondaryBench.Build(Origin, texts[0]);
            List<(char, PrimaryRecord)> all = [];
            for (int i = 1; i < texts.Length; i++)
            {
                IReadOnlyList<(char, PrimaryRecord)> changes = Changes(texts[i - 1], texts[i]);
                all.AddRange(changes);
                step = Apply(step, changes);
            }

            string expected = SecondaryBench.Dump(SecondaryBench.Build(Origin, texts[^1]));
            return SecondaryBench.Dump(step) == expected && SecondaryBench.Dump(Apply(SecondaryBench.Build(Origin, texts[0]), all)) == expected;
        }).QuickCheckThrowOnFailure();
    }

    private static IReadOnlyList<(char Sign, PrimaryRecord Record)> Changes(string from, string to)
    {
        List<PrimaryRecord> before = PrimaryRecord.Parse(Origin, "$TTL 3600\n" + from);
        List<PrimaryRecord> after = PrimaryRecord.Parse(Origin, "$TTL 3600\n" + to);
        return
        [
            ('-', before[0]), .. before.Skip(1).Except(after).Select(r => ('-', r)),
            ('+', after[0]), .. after.Skip(1).Except(before).Select(r => ('+', r)),
        ];
    }

    private static Zone Apply(Zone zone, IReadOnlyList<(char Sign, PrimaryRecord Record)> changes)
    {
        Assert.True(TryApply(zone, changes, out Zone? changed, out string? failure), failure);
        return changed!;
    }

    private static string? Fail(Zone? zone, IReadOnlyList<(char Sign, PrimaryRecord Record)> changes)
    {
        Assert.False(TryApply(zone, changes, out _, out string? failure));
        return failure;
    }

    private static bool TryApply(Zone? zone, IReadOnlyList<(char Sign, PrimaryRecord Record)> changes, out Zone? changed, out string? failure)
    {
        var update = new ZoneUpdate(DnsName.Parse(Origin), zone, "test");
        update.Begin(TransferKind.Incremental, changes.Last(c => c.Record.Type == Protocol.Records.DnsRecordType.SOA).Record.Serial);
        foreach ((char sign, PrimaryRecord record) in changes)
        {
            var view = new TransferRecord(DnsName.Parse(record.Owner).View, record.Type, record.Ttl, record.RdataOctets);
            if (sign == '+')
            {
                update.Add(view);
            }
            else
            {
                update.Remove(view);
            }
        }

        return update.TryBuild(out changed, out failure);
    }
}
