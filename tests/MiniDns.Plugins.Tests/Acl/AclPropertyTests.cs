using System.Net;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Acl;
using MiniDns.Plugins.Cache;
using MiniDns.Plugins.Dns64;
using MiniDns.Plugins.FileZones;
using MiniDns.Plugins.Hosts;
using MiniDns.Plugins.Minimal;
using MiniDns.Plugins.Search;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Acl;

/// <summary>Whatever the rules, the chain around them, and who asked what before: no client gets an answer that its rules deny.</summary>
public sealed class AclPropertyTests : IDisposable
{
    private static readonly string[] Clients = ["10.0.0.1", "10.0.1.1", "192.0.2.1", "2001:db8::1"];
    private static readonly string[] Nets = ["10.0.0.0/24", "10.0.0.0/8", "192.0.2.1", "2001:db8::/32"];
    private static readonly string[] Zones = [".", "public.example.", "secret.example.", "www.secret.example.", "www.public.example."];
    private static readonly DnsRecordType[] Types = [DnsRecordType.A, DnsRecordType.AAAA, DnsRecordType.MX, DnsRecordType.ANY];

    private static readonly string[] Names =
    [
        "www.public.example.", "alias.public.example.", "chain.public.example.", "mail.public.example.", "www.secret.example.", "web.", "www.zone.example.",
        "alias.zone.example.", "out.zone.example.",
    ];

    /// <summary>Chains around the rules; <c>@</c> is where the rules stand, within a block that is for names below a zone. The order is that of the plugins, not of the lines.</summary>
    private static readonly (string Corefile, string Guarded)[] Chains =
    [
        (".:0 {\n @ scripted\n}", "."),
        (".:0 {\n @ cache\n scripted\n}", "."),
        (".:0 {\n rewrite\n @ cache\n scripted\n}", "."),
        (".:0 {\n search secret.example\n @ cache\n scripted\n}", "."),
        (".:0 {\n dns64 {\n allow_ipv4\n translate_all\n }\n rewrite\n search secret.example\n @ cache\n minimal\n scripted\n}", "."),
        (".:0 {\n @ cache\n hosts {\n 192.0.2.80 www.secret.example www.public.example\n fallthrough\n }\n scripted\n}", "."),
        (".:0 {\n @ cache\n file ZONE zone.example\n scripted\n}", "."),
        (".:0 {\n @ cache\n scripted\n}\nzone.example:0 {\n @ cache\n file ZONE\n}", "."),
        (".:0 {\n cache\n file ZONE zone.example\n}\nsecret.example:0 {\n @ cache\n scripted\n}", "secret.example."),
        (".:0 {\n search secret.example\n cache\n}\nsecret.example:0 {\n @ cache\n scripted\n}", "secret.example."),
    ];

    private readonly string _zoneFile = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public AclPropertyTests() => File.WriteAllText(
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
        """);

    public void Dispose() => File.Delete(_zoneFile);

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
        Gen<(string Client, string Name, DnsRecordType Type)> question =
            from client in Gen.Elements(Clients)
            from name in Gen.Elements(Names)
            from type in Gen.Elements(Types)
            select (client, name, type);
        Gen<Case> cases =
            from rules in rule.NonEmptyListOf()
            from chain in Gen.Elements(Chains)
            from form in Gen.Elements(Enum.GetValues<AnswerForm>())
            from slow in Gen.Elements(false, true)
            from questions in question.ArrayOf(40)
            select new Case([.. rules.Take(3)], chain, form, slow, questions);
        Prop.ForAll(cases.ToArbitrary(), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private void Holds(Case tried)
    {
        string rules = string.Concat(tried.Rules.Select(r => r.ToString()));
        string corefile = tried.Chain.Corefile.Replace("@", rules, StringComparison.Ordinal).Replace("ZONE", _zoneFile, StringComparison.Ordinal);
        var upstream = new ScriptedUpstream { IsSlow = tried.IsSlow };
        Fill(upstream, tried.Form);
        IDnsPlugin[] plugins = [new Dns64Plugin(), new RenamingPlugin(), new SearchPlugin(), new AclPlugin(), new CachePlugin(), new MinimalPlugin(), new HostsPlugin(), new FilePlugin(), upstream];
        PluginHarness harness = PluginHarness.Corefile(corefile, plugins: plugins);
        Assert.True(harness.IsAccepted, harness.Errors);
        harness.StartAsync().GetAwaiter().GetResult();
        try
        {
            foreach ((string client, string name, DnsRecordType type) in tried.Questions)
            {
                harness.Chain.Client = new IPEndPoint(IPAddress.Parse(client), 40000);
                ReadOnlyMemory<byte> message = harness.Chain.Ask(name, type, dnssecOk: true);
                Check(tried.Rules, tried.Chain.Guarded, client, name, type, message, corefile);
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

            // The test's rewriting hides where its addresses come from.
            bool isRenamed = name == "www.public.example." && corefile.Contains("rewrite", StringComparison.Ordinal);

            // An address that dns64 made is made from one of type A.
            DnsRecordType source = record.Contains(" AAAA 64:ff9b::", StringComparison.Ordinal) ? DnsRecordType.A : type;
            Assert.True(!isRenamed || Model(rules, guarded, client, "www.secret.example.", source) == "allow", $"{what}\nand gets {record}");
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
        foreach (string name in (string[])["www.public.example.", "www.secret.example.", "web.secret.example."])
        {
            string v4 = name + " 300 IN A 192.0.2.1";
            string v6 = name + " 300 IN AAAA 2001:db8::1";
            upstream.On(name, DnsRecordType.A, New(v4)).On(name, DnsRecordType.AAAA, New(v6)).On(name, DnsRecordType.ANY, New(v4, v6));
        }

        foreach (DnsRecordType type in (DnsRecordType[])[DnsRecordType.A, DnsRecordType.AAAA])
        {
            string address = type == DnsRecordType.A ? "192.0.2.1" : "2001:db8::1";
            upstream
                .On("alias.public.example.", type, New("alias.public.example. 300 IN CNAME www.secret.example.", $"www.secret.example. 300 IN {type} {address}"))
                .On(
                    "chain.public.example.",
                    type,
                    New("chain.public.example. 300 IN CNAME alias.public.example.", "alias.public.example. 300 IN CNAME www.secret.example.", $"www.secret.example. 300 IN {type} {address}"));
        }

        upstream.On("mail.public.example.", DnsRecordType.MX, New("mail.public.example. 300 IN MX 10 www.secret.example.")
            .Additional("www.secret.example. 300 IN A 192.0.2.1", "www.public.example. 300 IN AAAA 2001:db8::1"));
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

    private sealed record Case(Rule[] Rules, (string Corefile, string Guarded) Chain, AnswerForm Form, bool IsSlow, (string Client, string Name, DnsRecordType Type)[] Questions);
}
