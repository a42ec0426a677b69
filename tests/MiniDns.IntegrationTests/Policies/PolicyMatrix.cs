using System.Globalization;
using System.Text;

namespace MiniDns.IntegrationTests.Policies;

/// <summary>Zones, policy zones and questions for each trigger with each action.</summary>
internal sealed class PolicyMatrix
{
    private const string Soa = "$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 90\n";
    private const string PolicySoa = "$TTL 60\n@ SOA localhost. hostmaster.localhost. 1 3600 600 86400 60\n@ NS localhost.\n";

    private static readonly (string Name, string[] Data)[] Actions =
    [
        ("nxdomain", ["CNAME ."]),
        ("nodata", ["CNAME *."]),
        ("passthru", ["CNAME rpz-passthru."]),
        ("dropped", ["CNAME rpz-drop."]),
        ("tcp-only", ["CNAME rpz-tcp-only."]),
        ("local", ["A 192.0.2.250", "A 192.0.2.251", "AAAA 2001:db8:250::1", "TXT \"policy\""]),
        ("alias", ["CNAME garden.good."]),
        ("wildcard-alias", ["CNAME *.garden.good."]),
    ];

    private static readonly (string Word, string BindWord)[] Overrides =
    [
        ("passthru", "passthru"), ("drop", "drop"), ("nxdomain", "nxdomain"), ("nodata", "nodata"), ("tcp-only", "tcp-only"),
        ("cname garden.good", "cname garden.good"), ("disabled", "disabled"), ("given", "given"),
    ];

    private readonly StringBuilder _good = new(Soa + "@ NS ns\nns A 127.0.0.9\ngarden A 192.0.2.1\ngarden TXT \"garden\"\n*.garden A 192.0.2.2\nplain A 10.0.0.1\nplain TXT \"plain\"\n");
    private readonly StringBuilder _servers = new(Soa + "@ NS ns\nns A 127.0.0.9\n");
    private readonly StringBuilder _policy = new(PolicySoa);

    public PolicyMatrix()
    {
        for (int i = 0; i < Actions.Length; i++)
        {
            AddTriggers(i + 1, Actions[i].Name, Actions[i].Data);
        }

        AddWildcards();
        Zones["good"] = _good.ToString();
        Zones["srv.test"] = _servers.ToString();
        Policies.Add(("main.rpz", "given", "given", _policy.ToString()));
        for (int i = 0; i < Overrides.Length; i++)
        {
            AddOverride(i + 1, Overrides[i].Word, Overrides[i].BindWord);
        }

        AddSecond();
        Zones["good"] = _good.ToString();
        Zones["."] = RootText();
    }

    /// <summary>The addresses of the servers that zones name: all are the upstream's.</summary>
    public static IEnumerable<string> ServerAddresses => Actions.SelectMany((_, i) => (string[])[$"10.0.2.{i + 1}", $"10.0.3.{i + 1}"]);

    /// <summary>The zones that upstreams have, by name.</summary>
    public Dictionary<string, string> Zones { get; } = [];

    /// <summary>The policy zones in their order: name, override as each server writes it, text.</summary>
    public List<(string Name, string Word, string BindWord, string Text)> Policies { get; } = [];

    /// <summary>The questions: name, type, source address, and <c>dropped</c> when no answer may come.</summary>
    public List<string> Questions { get; } = [];

    /// <summary>The root, which delegates all zones.</summary>
    private string RootText()
    {
        var text = new StringBuilder(Soa + "@ NS ns.good.\n");
        foreach (string zone in Zones.Keys)
        {
            string server = zone is "good" or "srv.test" ? "ns." + zone : $"ns{zone[0]}{zone[1..^5]}.srv.test";
            text.Append(CultureInfo.InvariantCulture, $"{zone} NS {server}\n");
        }

        return text + "ns.good A 127.0.0.9\nns.srv.test A 127.0.0.9\n";
    }

    private void AddTriggers(int number, string action, string[] data)
    {
        string n = number.ToString(CultureInfo.InvariantCulture);
        Host($"q{n}", "10.0.0.1");
        Rule($"q{n}.good", data);
        foreach (string type in (string[])["A", "AAAA", "TXT", "MX", "CNAME"])
        {
            Ask($"q{n}.good", action, type);
        }

        Host($"x.w{n}", "10.0.0.1");
        Host($"x.y.w{n}", "10.0.0.1");
        Host($"w{n}", "10.0.0.1");
        Rule($"*.w{n}.good", data);
        Ask($"x.w{n}.good", action);
        Ask($"x.y.w{n}.good", action);
        Ask($"w{n}.good", "untouched");

        Host($"i{n}", "10.0.1." + n);
        Rule($"32.{n}.1.0.10.rpz-ip", data);
        Ask($"i{n}.good", action);
        Ask($"i{n}.good", "untouched", "TXT");

        Host($"n{n}", $"10.2.{n}.7");
        Rule($"24.0.{n}.2.10.rpz-ip", data);
        Ask($"n{n}.good", action);

        _good.Append(CultureInfo.InvariantCulture, $"s{n} AAAA 2001:db8::{n}\n");
        Rule($"128.{n}.zz.db8.2001.rpz-ip", data);
        Ask($"s{n}.good", action, "AAAA");

        Rule($"32.{n}.5.0.127.rpz-client-ip", data);
        Ask("plain.good", action, source: "127.0.5." + n);

        _servers.Append(CultureInfo.InvariantCulture, $"nsd{n} A 10.0.2.{n}\nnse{n} A 10.0.3.{n}\n");
        Zones[$"d{n}.test"] = Soa + $"@ NS nsd{n}.srv.test.\nwww A 10.0.0.1\n";
        Zones[$"e{n}.test"] = Soa + $"@ NS nse{n}.srv.test.\nwww A 10.0.0.1\n";
        Rule($"nsd{n}.srv.test.rpz-nsdname", data);
        Rule($"32.{n}.3.0.10.rpz-nsip", data);
        Ask($"www.d{n}.test", action);
        Ask($"www.e{n}.test", action);

        _good.Append(CultureInfo.InvariantCulture, $"cq{n} CNAME q{n}\nci{n} CNAME i{n}\nccq{n} CNAME cq{n}\n");
        Ask($"cq{n}.good", action);
        Ask($"ci{n}.good", action);
        Ask($"ccq{n}.good", action);
    }

    /// <summary>Names below wildcards that exist, and that only exist without records.</summary>
    private void AddWildcards()
    {
        Rule("*.deep.good", ["CNAME ."]);
        Rule("pass.deep.good", ["CNAME rpz-passthru."]);
        Rule("a.b.deep.good", ["CNAME *."]);
        foreach (string name in (string[])["x", "pass", "x.pass", "b", "x.b", "a.b", "x.a.b"])
        {
            Host(name + ".deep", "10.0.0.1");
            Ask(name + ".deep.good", "untouched");
        }

        Host("two", "10.0.1.1\ntwo A 10.0.1.2");
        Ask("two.good", "untouched");
        Rule("self.good", ["CNAME self.good."]);
        Host("self", "10.0.1.1");
        Ask("self.good", "untouched");
        Rule("both.good", ["A 192.0.2.60"]);
        Host("both", "10.0.1.1");
        Ask("both.good", "untouched");
        Ask("missing.good", "untouched");
        Ask("plain.good", "untouched");
    }

    private void AddOverride(int number, string word, string bindWord)
    {
        string n = number.ToString(CultureInfo.InvariantCulture);
        Host($"o{n}", "10.0.0.1");
        Host($"p{n}", "10.0.0.1");
        Host($"v{n}", "10.0.4." + n);
        Policies.Add(($"override{n}.rpz", word, bindWord, PolicySoa + $"o{n}.good A 192.0.2.249\np{n}.good CNAME rpz-passthru.\n32.{n}.4.0.10.rpz-ip CNAME .\n"));
        foreach (string name in (string[])["o", "p", "v"])
        {
            Ask($"{name}{n}.good", word == "drop" ? "dropped" : "untouched");
        }
    }

    /// <summary>A zone that comes last.</summary>
    private void AddSecond()
    {
        Host("late", "10.0.1.1");
        Host("late2", "10.0.0.1");
        _good.Append("late3 CNAME i1\n");
        Policies.Add(("last.rpz", "given", "given", PolicySoa + """
            late.good A 192.0.2.70
            late2.good A 192.0.2.71
            late3.good A 192.0.2.72
            q3.good A 192.0.2.73
            o7.good CNAME .
            i1.good A 192.0.2.74

            """));
        foreach (string name in (string[])["late", "late2", "late3", "q3", "o7", "i1"])
        {
            Ask(name + ".good", "untouched");
        }
    }

    private void Host(string name, string address) => _good.Append(CultureInfo.InvariantCulture, $"{name} A {address}\n{(address.Contains('\n', StringComparison.Ordinal) ? "" : $"{name} TXT \"real\"\n")}");

    private void Rule(string owner, string[] data)
    {
        foreach (string line in data)
        {
            _policy.Append(CultureInfo.InvariantCulture, $"{owner} {line}\n");
        }
    }

    private void Ask(string name, string fate, string type = "A", string source = "127.0.0.1") => Questions.Add($"{name} {type} {source} {fate}");
}
