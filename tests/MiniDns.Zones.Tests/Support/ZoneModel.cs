using System.Globalization;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones.Tests.Support;

/// <summary>A zone as a plain set of RRsets that changes at random: aliases, cuts, wildcards, targets that are there or not, signatures,
/// and chains of NSEC and NSEC3, which need not make sense to be the same however the zone was made.</summary>
internal sealed class ZoneModel
{
    public const string Origin = "z.";

    public static readonly string[] Names = [.. NamesOfDepth(3)];

    /// <summary>Owners of NSEC3 records: the hashes of names, without salt and iterations, and one that is nobody's.</summary>
    private static readonly string[] Hashes = [.. Names.Take(20).Select(n => HashOf(n) + "." + Origin), "00000000000000000000000000000000." + Origin];

    private readonly Random _random;
    private readonly Dictionary<(string Owner, string Type), (int Ttl, HashSet<string> Rdatas)> _sets = [];
    private int _serial;

    public ZoneModel(int seed, bool hasNsec, bool hasNsec3)
    {
        _random = new Random(seed);
        _sets[(Origin, "SOA")] = (60, ["ns.y. admin.y. 1 2 3 4 5"]);
        _sets[(Origin, "NS")] = (60, ["ns.y.", "a.z."]);
        if (hasNsec)
        {
            _sets[(Origin, "NSEC")] = (60, ["a.z. NS"]);
        }

        if (hasNsec3)
        {
            _sets[(Origin, "NSEC3PARAM")] = (60, ["1 0 0 -"]);
            _sets[(Hashes[0], "NSEC3")] = (60, ["1 0 0 - " + HashOf("a.z.")]);
        }
    }

    /// <summary>The lines of all records.</summary>
    public HashSet<string> Lines => [.. _sets.SelectMany(s => s.Value.Rdatas.Select(r => $"{s.Key.Owner} {s.Value.Ttl} {TypeOf(s.Key.Type)} {r}"))];

    /// <summary>Some changes, and the next serial number.</summary>
    public void Change(int changes)
    {
        _serial++;
        _sets[(Origin, "SOA")] = (60, [string.Create(CultureInfo.InvariantCulture, $"ns.y. admin.y. {_serial} 2 3 4 5")]);
        for (int i = 0; i < changes; i++)
        {
            if (_random.Next(5) < 2)
            {
                (string, string) gone = _sets.Keys.ElementAt(_random.Next(_sets.Count));
                if (gone is not (Origin, "SOA" or "NSEC" or "NSEC3PARAM"))
                {
                    _sets.Remove(gone);
                }
            }
            else
            {
                Put();
            }
        }
    }

    /// <summary>Builds a zone of lines.</summary>
    public static Zone Build(IEnumerable<string> lines)
    {
        var problems = new ZoneProblems();
        Zone? zone = TestZone.TryLoad(Origin, string.Join('\n', lines) + "\n", problems);
        Assert.Empty(problems.Errors.Select(e => e.ToString()));
        return zone!;
    }

    /// <summary>Changes a zone from one set of lines to another.</summary>
    public static ZonePatch Patch(Zone zone, HashSet<string> from, HashSet<string> to)
    {
        var patch = new ZonePatch(zone, new ZoneProblems());
        Read(from.Where(l => !to.Contains(l)), reader => patch.Remove(reader.Owner, reader.Type, reader.Rdata));
        Read(to.Where(l => !from.Contains(l)), reader => patch.Add(reader.Owner, reader.Type, reader.Ttl, reader.Rdata, new ZonePlace("changes")));
        return patch;
    }

    public static IEnumerable<string> NamesOfDepth(int depth)
    {
        List<string> level = [Origin];
        for (int i = 0; i <= depth; i++)
        {
            foreach (string name in level)
            {
                yield return name;
            }

            level = [.. level.SelectMany(n => (string[])[$"a.{n}", $"b.{n}", $"*.{n}"])];
        }
    }

    private static void Read(IEnumerable<string> lines, Action<ZoneFileReader> action)
    {
        var reader = new ZoneFileReader(System.Text.Encoding.ASCII.GetBytes(string.Join('\n', lines) + "\n"), new ZoneFileOptions { Origin = DnsName.Parse(Origin) });
        while (reader.TryRead())
        {
            action(reader);
        }

        Assert.Empty(reader.Errors);
    }

    /// <summary>The key tells the type that a signature is over.</summary>
    private static string TypeOf(string key) => key.Split('/')[0];

    private static string HashOf(string name)
    {
        Span<byte> hash = stackalloc byte[Nsec3Hash.Size];
        Nsec3Hash.Compute(DnsName.Parse(name).View, [], 0, hash);
        System.Numerics.BigInteger number = new(hash, isUnsigned: true, isBigEndian: true);
        char[] text = new char[32];
        for (int i = 31; i >= 0; i--)
        {
            text[i] = "0123456789abcdefghijklmnopqrstuv"[(int)(number & 31)];
            number >>= 5;
        }

        return new string(text);
    }

    private T Pick<T>(params T[] from) => from[_random.Next(from.Length)];

    private void Put()
    {
        string owner = Pick(Names);
        string target = _random.Next(10) == 0 ? "elsewhere.y." : Pick(Names);
        string type = Pick("A", "A", "TXT", "MX", "SRV", "HTTPS", "CNAME", "NS", "DNAME", "DS", "NSEC", "NSEC3", "RRSIG/A", "RRSIG/NS", "RRSIG/NSEC", "RRSIG/NSEC3");
        if (type is "NSEC3" or "RRSIG/NSEC3" || _random.Next(20) == 0)
        {
            owner = Pick(Hashes);
        }

        bool isAlias = _sets.ContainsKey((owner, "CNAME"));
        bool isAlone = type == "CNAME" ? !_sets.Keys.Any(k => k.Owner == owner && k.Type is not ("NSEC3" or "CNAME") && !k.Type.StartsWith("RRSIG", StringComparison.Ordinal) && k.Type != "NSEC") : !isAlias;
        if (!isAlone && type is not ("NSEC" or "NSEC3") && !type.StartsWith("RRSIG", StringComparison.Ordinal))
        {
            return;
        }

        string rdata = type switch
        {
            "A" => $"192.0.2.{_random.Next(5)}",
            "TXT" => $"{_random.Next(5)}",
            "MX" => $"{_random.Next(3)} {target}",
            "SRV" => $"1 1 {_random.Next(3)} {target}",
            "HTTPS" => $"1 {Pick(target, ".")}",
            "DS" => $"{_random.Next(3)} 13 2 00",
            "NSEC" => $"{target} A",
            "NSEC3" => $"1 0 0 {Pick("-", "-", "-", "00")} {HashOf(target)} A",
            "CNAME" or "NS" or "DNAME" => target,
            _ => $"{type[6..]} 13 1 60 20300101000000 20200101000000 {_random.Next(3)} z. AAAA",
        };
        if (_sets.TryGetValue((owner, type), out (int Ttl, HashSet<string> Rdatas) set) && type is not ("CNAME" or "DNAME" or "NSEC" or "NSEC3"))
        {
            set.Rdatas.Add(rdata);
            _sets[(owner, type)] = (_random.Next(4) == 0 ? 30 + _random.Next(3) : set.Ttl, set.Rdatas);
        }
        else
        {
            _sets[(owner, type)] = (60, [rdata]);
        }
    }
}
