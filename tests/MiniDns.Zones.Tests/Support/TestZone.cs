using System.Globalization;
using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones.Tests.Support;

/// <summary>A zone made from text, and questions to it: to each store that a zone can be in. All have to give the same answer.</summary>
internal sealed class TestZone
{
    private const string Signature = "20300101000000 20200101000000 12345";

    private readonly Zone _changed;

    private TestZone(Zone zone)
    {
        Zone = zone;
        _changed = ChangedZone.Make(zone);
    }

    /// <summary>The zone, built whole.</summary>
    public Zone Zone { get; }

    public static TestZone Load(string origin, string text)
    {
        var problems = new ZoneProblems();
        Zone? zone = TryLoad(origin, text, problems);
        Assert.Empty(problems.Errors.Select(e => e.ToString()));
        return new TestZone(zone!);
    }

    public static Zone? TryLoad(string origin, string text, ZoneProblems problems) =>
        ZoneLoader.FromText(Encoding.UTF8.GetBytes(text), "zone", DnsName.Parse(origin), problems);

    /// <summary>Loads a zone with a signature over every RRset that has to have one. Its octets are not worth anything.</summary>
    public static TestZone LoadSigned(string origin, string text) => Load(origin, text + Signatures(origin, text));

    /// <summary>The RRSIG lines for a zone's text.</summary>
    public static string Signatures(string origin, string text)
    {
        DnsName apex = DnsName.Parse(origin);
        List<(DnsName Owner, DnsRecordType Type, uint Ttl)> sets = [];
        var reader = new ZoneFileReader(Encoding.UTF8.GetBytes(text), new ZoneFileOptions { Origin = apex });
        while (reader.TryRead())
        {
            sets.Add((reader.Owner.ToName(), reader.Type, reader.Ttl));
        }

        HashSet<DnsName> cuts = [.. sets.Where(s => s.Type == DnsRecordType.NS && s.Owner != apex).Select(s => s.Owner)];
        var lines = new StringBuilder("\n");
        foreach ((DnsName owner, DnsRecordType type, uint ttl) in sets.DistinctBy(s => (s.Owner, s.Type)))
        {
            bool isBelow = cuts.Any(c => c != owner && owner.IsSubdomainOf(c));
            if (!isBelow && !(cuts.Contains(owner) && type is not (DnsRecordType.DS or DnsRecordType.NSEC)))
            {
                int labels = owner.LabelCount - (owner.IsWildcard ? 1 : 0);
                lines.AppendLine(CultureInfo.InvariantCulture, $"{owner} {ttl} IN RRSIG {DnsTypeText.Format(type)} 13 {labels} {ttl} {Signature} {apex} bm90aGluZyB0byBzZWUgaGVyZQ==");
            }
        }

        return lines.ToString();
    }

    /// <summary>Asks, and describes the answer as <c>Outcome: answer | authority | additional</c>.</summary>
    public string Ask(string name, DnsRecordType type, bool dnssec = false) => Ask(name, type, dnssec, out _);

    /// <summary>Asks, and describes the answer.</summary>
    public string Ask(string name, DnsRecordType type, bool dnssec, out AnswerText text)
    {
        ZoneAnswer answer = Find(name, type, dnssec, out text, out string target);
        return Describe(answer, text, target);
    }

    /// <summary>Asks, and gives the records of a section in full.</summary>
    public IReadOnlyList<string> Records(string name, DnsRecordType type, DnsSection section, bool dnssec = false)
    {
        Find(name, type, dnssec, out AnswerText text, out _);
        return text.Records(section);
    }

    public ZoneAnswer Find(string name, DnsRecordType type, bool dnssec, out AnswerText text, out string target)
    {
        ZoneAnswer answer = Find(Zone, name, type, dnssec, out text, out target);
        ZoneAnswer other = Find(_changed, name, type, dnssec, out AnswerText otherText, out string otherTarget);
        Assert.Equal((answer, Describe(answer, text, target)), (other, Describe(other, otherText, otherTarget)));
        foreach (DnsSection section in (DnsSection[])[DnsSection.Answer, DnsSection.Authority, DnsSection.Additional])
        {
            Assert.Equal(text.Records(section), otherText.Records(section));
        }

        return answer;
    }

    private static string Describe(ZoneAnswer answer, in AnswerText text, string target) =>
        $"{answer.Outcome}{(target.Length > 0 ? " to " + target : "")}: {text.Sets}";

    private static ZoneAnswer Find(Zone zone, string name, DnsRecordType type, bool dnssec, out AnswerText text, out string target)
    {
        DnsName asked = DnsName.Parse(name).ToLower();
        text = new AnswerText();
        Span<byte> scratch = stackalloc byte[ZoneLookup.ScratchSize];
        ZoneAnswer answer = ZoneLookup.Find(zone, asked.View, asked.Hash, type, dnssec, scratch, ref text);
        target = answer.Outcome == ZoneOutcome.Leaves ? new DnsNameView(scratch[..answer.TargetLength]).ToString() : "";
        return answer;
    }
}
