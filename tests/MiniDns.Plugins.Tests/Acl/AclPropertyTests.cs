using System.Globalization;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Acl;

/// <summary>Whatever the rules, the chain around them, and who asked what before: no client gets an answer that its rules deny.</summary>
public sealed class AclPropertyTests : IDisposable
{
    /// <summary>How many cases are tried; a longer run is a matter of this number.</summary>
    private const int Cases = 400;

    private static readonly string[] Clients = ["10.0.0.1", "10.0.1.1", "192.0.2.1", "2001:db8::1"];
    private static readonly string[] Nets = ["10.0.0.0/24", "10.0.0.0/8", "192.0.2.1", "2001:db8::/32"];
    private static readonly string[] Zones = [".", "public.example.", "secret.example.", "www.secret.example.", "www.public.example."];
    private static readonly DnsRecordType[] Types = [DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.MX, DnsRecordType.ANY];

    private static readonly string[] Names =
    [
        "www.public.example.", "alias.public.example.", "chain.public.example.", "mail.public.example.", "www.secret.example.", "web.", "web.client.example.", "www.zone.example.",
        "alias.zone.example.", "out.zone.example.", "made.zone.example.", "old.example.", "made.example.",
    ];

    /// <summary>Whose address is whose: an answer shows by its addresses from which name's data it was made.</summary>
    private static readonly Dictionary<string, string> Owners = new(StringComparer.Ordinal)
    {
        ["1"] = "www.public.example.", ["2"] = "www.secret.example.", ["3"] = "web.secret.example.", ["11"] = "www.public.example.", ["12"] = "www.secret.example.",
        ["53"] = "ns.zone.example.", ["80"] = "www.zone.example.",
    };

    /// <summary>Rules that change names, questions and aliases.</summary>
    private static readonly string[] Rewrites =
    [
        "rewrite name www.public.example www.secret.example",
        "rewrite name exact old.example www.secret.example",
        "rewrite name suffix public.example secret.example answer auto",
        "rewrite stop name regex (.*)\\. {1} answer name (.*)\\.secret\\.example\\. {1}.public.example answer value (.*)\\.secret\\.example\\. {1}.public.example",
        "rewrite cname exact www.public.example. www.secret.example.",
        "rewrite cname exact www.secret.example. www.public.example.",
        "rewrite continue cname suffix zone.example. secret.example.",
        "rewrite name substring zone secret answer name (.*)secret(.*) {1}zone{2}",
        "rewrite type AAAA A",
    ];

    /// <summary>Chains around the rules; <c>@</c> is where the rules stand, within a block that is for names below a zone, REWRITE some rules for names, and ORDER
    /// an order of plugins. Without that the order is the usual one, not that of the lines.</summary>
    private static readonly (string Corefile, string Guarded)[] Chains =
    [
        (".:0 {\n ORDER @ scripted\n}", "."),
        (".:0 {\n ORDER @ cache\n scripted\n}", "."),
        (".:0 {\n ORDER REWRITE @ scripted\n}", "."),
        (".:0 {\n ORDER REWRITE @ CACHE\n scripted\n}", "."),
        (".:0 {\n ORDER search secret.example\n @ CACHE\n scripted\n}", "."),
        (".:0 {\n ORDER autopath RESOLV\n @ CACHE\n scripted\n}", "."),
        (".:0 {\n ORDER autopath RESOLV\n REWRITE @ CACHE\n TEMPLATE scripted\n}", "."),
        (".:0 {\n ORDER dns64 {\n allow_ipv4\n translate_all\n }\n REWRITE search secret.example\n @ CACHE\n minimal\n scripted\n}", "."),
        (".:0 {\n ORDER REWRITE @ CACHE\n hosts {\n 192.0.2.12 www.secret.example\n 192.0.2.11 www.public.example\n fallthrough\n }\n scripted\n}", "."),
        (".:0 {\n ORDER @ CACHE\n file ZONE zone.example\n scripted\n}", "."),
        (".:0 {\n ORDER REWRITE @ CACHE\n TEMPLATE file ZONE zone.example {\n fallthrough\n }\n minimal\n scripted\n}", "."),
        (".:0 {\n ORDER @ CACHE\n scripted\n}\nzone.example:0 {\n @ CACHE\n file ZONE\n}", "."),
        (".:0 {\n CACHE\n file ZONE zone.example\n}\nsecret.example:0 {\n ORDER @ CACHE\n scripted\n}", "secret.example."),
        (".:0 {\n search secret.example\n CACHE\n TEMPLATE }\nsecret.example:0 {\n @ CACHE\n scripted\n}", "secret.example."),
        (".:0 {\n autopath RESOLV\n CACHE\n template ANY ANY client.example {\n rcode NXDOMAIN\n }\n}\nsecret.example:0 {\n ORDER @ CACHE\n scripted\n}", "secret.example."),
    ];

    private static readonly string[] Caches =
    [
        "cache", "cache {\n prefetch 1 1h 90%\n }", "cache {\n serve_stale 1h\n }", "cache {\n serve_stale 1h verify\n prefetch 1\n }",
        "cache {\n serve_stale 1h immediate\n serve_stale_policy prefer_positive\n }",
    ];

    private static readonly string[] Movable = ["rewrite", "search", "autopath", "acl", "cache", "minimal", "template", "hosts", "file", "scripted", "dns64"];

    private const string Template = "template IN ANY made.example {\n answer \"{{ .Name }} 60 IN CNAME www.secret.example.\"\n }\n";

    private readonly string _resolvFile = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly string _zoneFile = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public AclPropertyTests()
    {
        File.WriteAllText(_resolvFile, "search client.example secret.example\n");
        File.WriteAllText(
            _zoneFile,
            """
            $ORIGIN zone.example.
            $TTL 300
            @     SOA   ns admin 1 2 3 4 5
                  NS    ns
            ns    A     192.0.2.53
            www   A     192.0.2.80
                  AAAA  2001:db8::80
            alias CNAME www
            out   CNAME www.secret.example.
            made  CNAME made.example.
            """);
    }

    public void Dispose()
    {
        File.Delete(_zoneFile);
        File.Delete(_resolvFile);
    }

    [Fact]
    public void No_chain_gives_a_client_what_its_rules_deny()
    {
        Gen<Policy> policy =
            from action in Gen.Elements("allow", "block", "filter", "drop")
            from types in Gen.Frequency((2, Gen.Constant<DnsRecordType[]>([])), (1, Gen.SubListOf(Types).Select(t => t.ToArray())))
            from nets in Gen.Frequency((1, Gen.Constant<string[]>([])), (3, Gen.SubListOf(Nets).Select(n => n.ToArray())))
            select new Policy(action, types, nets);
        Gen<Rule> rule =
            from zones in Gen.NonEmptyListOf(Gen.Elements(Zones))
            from policies in policy.NonEmptyListOf()
            select new Rule([.. zones.Distinct()], [.. policies.Take(4)]);
        Gen<Question> question =
            from client in Gen.Elements(Clients)
            from name in Gen.Elements(Names)
            from type in Gen.Elements(Types)
            from later in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(1, 400)))
            select new Question(client, name, type, later);
        Gen<Case> cases =
            from rules in rule.NonEmptyListOf()
            from chain in Gen.Elements(Chains)
            from cache in Gen.Elements(Caches)
            from rewrites in Gen.NonEmptyListOf(Gen.Elements(Rewrites))
            from order in Gen.Frequency((1, Gen.Constant<string[]>([])), (2, Gen.Shuffle(Movable)))
            from named in Gen.Choose(2, Movable.Length)
            from form in Gen.Elements(Enum.GetValues<AnswerForm>())
            from slow in Gen.Elements(false, true)
            from questions in question.ArrayOf(40)
            select new Case([.. rules.Take(3)], chain, cache, [.. rewrites.Take(3)], [.. order.Take(named)], form, slow, questions);
        Prop.ForAll(cases.ToArbitrary(), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
    }

    private void Holds(Case tried)
    {
        string rules = string.Concat(tried.Rules.Select(r => r.ToString()));
        string corefile = tried.Chain.Corefile
            .Replace("REWRITE", string.Concat(tried.Rewrites.Select(r => r + "\n ")), StringComparison.Ordinal)
            .Replace("ORDER", tried.Order.Length > 1 ? $"order {string.Join(' ', tried.Order)}\n" : "", StringComparison.Ordinal)
            .Replace("CACHE", tried.Cache, StringComparison.Ordinal)
            .Replace("TEMPLATE", Template, StringComparison.Ordinal)
            .Replace("@", rules, StringComparison.Ordinal)
            .Replace("ZONE", _zoneFile, StringComparison.Ordinal)
            .Replace("RESOLV", _resolvFile, StringComparison.Ordinal);
        var upstream = new ScriptedUpstream { IsSlow = tried.IsSlow };
        Fill(upstream, tried.Form);
        IDnsPlugin[] plugins = [.. PluginOrder.All.Where(p => p.Name is "order" || Movable.Contains(p.Name)), upstream];
        PluginHarness harness = PluginHarness.Corefile(corefile, plugins: plugins);
        Assert.True(harness.IsAccepted, harness.Errors);
        harness.StartAsync().GetAwaiter().GetResult();
        try
        {
            foreach (Question question in tried.Questions)
            {
                harness.Time.Advance(TimeSpan.FromSeconds(question.Later));
                harness.Chain.Client = new IPEndPoint(IPAddress.Parse(question.Client), 40000);
                ReadOnlyMemory<byte> message = harness.Chain.Ask(question.Name, question.Type, dnssecOk: true);
                Check(tried.Rules, tried.Chain.Guarded, question.Client, question.Name, question.Type, message, corefile);
            }
        }
        finally
        {
            harness.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static void Check(Rule[] rules, string guarded, string client, string name, DnsRecordType type, ReadOnlyMemory<byte> message, string corefile)
    {
        string what = $"{client} asks {name} {type} of\n{corefile}";
        string action = Model(rules, guarded, client, name, type);
        if (action == "drop")
        {
            Assert.True(message.IsEmpty, what);
        }

        if (message.IsEmpty)
        {
            return;
        }

        Reply reply = new(message);
        if (action != "allow")
        {
            Assert.True(reply.Code == (action == "block" ? DnsResponseCode.Refused : DnsResponseCode.NoError), what);
            Assert.True(reply.Answer.Count + reply.Additional.Count == 0, what);
        }

        foreach (string record in reply.Answer)
        {
            string owner = record.Split(' ')[0];
            DnsRecordType recordType = Enum.Parse<DnsRecordType>(record.Split(' ')[3]);
            Assert.True(Model(rules, guarded, client, owner, type) == "allow", $"{what}\nand gets {record}");
            Assert.True(type != DnsRecordType.ANY || Model(rules, guarded, client, owner, recordType) == "allow", $"{what}\nand gets {record}");
        }

        foreach (string record in reply.Answer.Concat(reply.Additional))
        {
            // However the name was changed on the way: the data are of this one.
            string[] words = record.Split(' ');
            if (words[3] is "A" or "AAAA")
            {
                bool isMade = words[4].StartsWith("64:ff9b::", StringComparison.Ordinal);
                string number = isMade ? IPAddress.Parse(words[4]).GetAddressBytes()[^1].ToString(CultureInfo.InvariantCulture) : words[4].Split('.', ':')[^1];
                string source = Owners[number];
                DnsRecordType sourceType = isMade || words[3] == "A" ? DnsRecordType.A : DnsRecordType.AAAA;
                Assert.True(Model(rules, guarded, client, source, sourceType) == "allow", $"{what}\nand gets {record}, which are data of {source}");
            }
        }

        foreach (string record in reply.Additional)
        {
            Assert.True(Model(rules, guarded, client, record.Split(' ')[0], Enum.Parse<DnsRecordType>(record.Split(' ')[3])) == "allow", $"{what}\nand gets {record} too");
        }
    }

    /// <summary>The rules as the README has them, without any cleverness.</summary>
    private static string Model(Rule[] rules, string guarded, string client, string name, DnsRecordType type)
    {
        if (!IsBelow(name, guarded))
        {
            return "allow";
        }

        IPAddress address = IPAddress.Parse(client);
        foreach (Rule rule in rules)
        {
            if (!rule.Zones.Any(z => IsBelow(name, z)))
            {
                continue;
            }

            foreach (Policy policy in rule.Policies)
            {
                bool isForType = policy.Types.Length == 0 || policy.Types.Contains(type);
                bool isForClient = policy.Nets.Length == 0
                    || policy.Nets.Any(n => n.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(n).Contains(address) : IPAddress.Parse(n).Equals(address));
                if (isForType && isForClient)
                {
                    return policy.Action;
                }
            }
        }

        return "allow";
    }

    private static bool IsBelow(string name, string zone) => zone == "." || name == zone || name.EndsWith("." + zone, StringComparison.Ordinal);

    private static void Fill(ScriptedUpstream upstream, AnswerForm form)
    {
        ScriptedAnswer New(params string[] answer) => new ScriptedAnswer { Form = form }.Answer(answer);
        foreach ((string number, string name) in Owners.Take(3))
        {
            string v4 = $"{name} 300 IN A 192.0.2.{number}";
            string v6 = $"{name} 300 IN AAAA 2001:db8::{number}";
            upstream.On(name, DnsRecordType.A, New(v4)).On(name, DnsRecordType.AAAA, New(v6)).On(name, DnsRecordType.ANY, New(v4, v6));
        }

        foreach (DnsRecordType type in (DnsRecordType[])[DnsRecordType.A, DnsRecordType.AAAA])
        {
            string address = type == DnsRecordType.A ? "192.0.2.2" : "2001:db8::2";
            upstream
                .On("alias.public.example.", type, New("alias.public.example. 300 IN CNAME www.secret.example.", $"www.secret.example. 300 IN {type} {address}"))
                .On(
                    "chain.public.example.",
                    type,
                    New("chain.public.example. 300 IN CNAME alias.public.example.", "alias.public.example. 300 IN CNAME www.secret.example.", $"www.secret.example. 300 IN {type} {address}"));
        }

        upstream.On("mail.public.example.", DnsRecordType.MX, New("mail.public.example. 300 IN MX 10 www.secret.example.")
            .Additional("www.secret.example. 300 IN A 192.0.2.2", "www.public.example. 300 IN AAAA 2001:db8::1"));
    }

    private sealed record Policy(string Action, DnsRecordType[] Types, string[] Nets)
    {
        public override string ToString() =>
            Action + (Types.Length > 0 ? " type " + string.Join(' ', Types) : "") + (Nets.Length > 0 ? " net " + string.Join(' ', Nets) : "");
    }

    private sealed record Rule(string[] Zones, Policy[] Policies)
    {
        public override string ToString() => $" acl {string.Join(' ', Zones)} {{\n{string.Concat(Policies.Select(p => $"  {p}\n"))} }}\n";
    }

    private sealed record Question(string Client, string Name, DnsRecordType Type, int Later);

    private sealed record Case(Rule[] Rules, (string Corefile, string Guarded) Chain, string Cache, string[] Rewrites, string[] Order, AnswerForm Form, bool IsSlow, Question[] Questions);
}
