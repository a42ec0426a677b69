using MiniDns.Protocol.Records;

namespace MiniDns.Zones.Tests.Support;

/// <summary>
/// RFC 1034 §4.3.2 the slow way: a list of records, names as lists of labels from the root down, and a walk down label by
/// label as the RFC words it. It shares no code and no idea of structure with what it is compared to.
/// </summary>
internal sealed class ReferenceZone(string origin, IReadOnlyList<ReferenceZone.Record> records)
{
    /// <summary>A record of the model: names without the final dot, <paramref name="Target"/> for types that have one.</summary>
    public sealed record Record(string Owner, DnsRecordType Type, string? Target = null);

    /// <summary>Answers a question as <see cref="TestZone.Ask(string, DnsRecordType, bool)"/> describes it, additional section left out.</summary>
    public string Ask(string name, DnsRecordType type)
    {
        List<string> answer = [];
        HashSet<string> aliased = [];
        string asked = name;
        for (int aliases = 0; ; aliases++)
        {
            if (!IsAtOrBelow(name, origin))
            {
                return $"Leaves to {name}.: {string.Join(", ", answer)} | ";
            }

            if (aliases >= ZoneLookup.MaxAliases || (aliases > 0 && name == asked))
            {
                return Positive(answer);
            }

            // "Start matching down, label by label, in the zone."
            string[] labels = name.Split('.');
            int apexLabels = origin.Split('.').Length;
            string? dname = null;
            bool isMissing = false;
            string encloser = origin;
            for (int depth = apexLabels; depth <= labels.Length; depth++)
            {
                string at = string.Join('.', labels[^depth..]);
                if (!Exists(at))
                {
                    isMissing = true;
                    break;
                }

                encloser = at;
                bool isLast = depth == labels.Length;
                if (at != origin && Has(at, DnsRecordType.NS) && !(isLast && type == DnsRecordType.DS))
                {
                    return $"Delegation: {string.Join(", ", answer)} | {at}. NS";
                }

                if (!isLast && Has(at, DnsRecordType.DNAME))
                {
                    dname = at;
                    break;
                }
            }

            if (dname is not null)
            {
                string target = name[..^dname.Length] + TargetOf(dname, DnsRecordType.DNAME);
                if (aliased.Add(dname))
                {
                    answer.Add($"{dname}. DNAME");
                }

                answer.Add($"{name}. CNAME");
                if (type == DnsRecordType.CNAME || target == name)
                {
                    return Positive(answer);
                }

                name = target;
                continue;
            }

            string source = isMissing ? "*." + encloser : name;
            if (isMissing && !Exists(source))
            {
                return $"NameError: {string.Join(", ", answer)} | {origin}. SOA";
            }

            if (Has(source, type))
            {
                answer.Add($"{name}. {type}");
                return type == DnsRecordType.NS && source == origin ? $"Answer: {string.Join(", ", answer)} | " : Positive(answer);
            }

            if (!Has(source, DnsRecordType.CNAME))
            {
                return $"NoData: {string.Join(", ", answer)} | {origin}. SOA";
            }

            if (!isMissing && !aliased.Add(source))
            {
                return Positive(answer);
            }

            answer.Add($"{name}. CNAME");
            string next = TargetOf(source, DnsRecordType.CNAME);
            if (next == name)
            {
                return Positive(answer);
            }

            name = next;
        }
    }

    private static bool IsAtOrBelow(string name, string ancestor) => name == ancestor || name.EndsWith("." + ancestor, StringComparison.Ordinal);

    private string Positive(List<string> answer) => $"Answer: {string.Join(", ", answer)} | {origin}. NS";

    private bool Exists(string name) => records.Any(r => IsAtOrBelow(r.Owner, name));

    private bool Has(string name, DnsRecordType type) => records.Any(r => r.Owner == name && r.Type == type);

    private string TargetOf(string name, DnsRecordType type) => records.First(r => r.Owner == name && r.Type == type).Target!;
}
