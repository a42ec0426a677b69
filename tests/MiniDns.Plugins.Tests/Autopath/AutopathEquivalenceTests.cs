using System.Net;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Tests.Search;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using static MiniDns.Plugins.Tests.Kubernetes.Objects;

namespace MiniDns.Plugins.Tests.Autopath;

/// <summary>No name resolves to something else than without autopath, whatever there is in the cluster and outside, for each kind of resolver.</summary>
public sealed class AutopathEquivalenceTests
{
    // few words, so that names of services, namespaces and hosts meet
    private static readonly string[] Words = ["web", "shop", "default", "com", "www", "svc", "db-0"];
    private static readonly string[] Namespaces = ["default", "shop", "com"];

    private static readonly Gen<string> Host = Gen.Elements(Words).ArrayOf(2).Select(w => string.Join('.', w))
        .Or(Gen.Elements(Words).ArrayOf(3).Select(w => string.Join('.', w))).Or(Gen.Elements(Words));

    private static readonly Gen<Setting> Settings =
        from services in Gen.Elements(Words).Two().ArrayOf(5)
        from hosts in Host.ArrayOf(8)
        from inner in Host.ArrayOf(4)
        from kinds in Gen.Choose(0, 7).ArrayOf(12)
        select new Setting(services, hosts, inner, kinds);

    public static TheoryData<int> Rounds => [.. Enumerable.Range(0, 8)];

    [Theory]
    [MemberData(nameof(Rounds))]
    public async Task Every_resolver_finds_what_it_finds_without(int round)
    {
        foreach (Setting setting in Settings.Sample(4, 3))
        {
            foreach (string space in Namespaces)
            {
                await CompareAsync(setting, space, isKnown: round % 2 == 1, isSlow: round > 5);
            }
        }
    }

    private static async Task CompareAsync(Setting setting, string space, bool isKnown, bool isSlow)
    {
        string manifests = setting.Manifests() + Pod(space + "/asker", "10.1.9.9");
        await using AutopathSetting with = await AutopathSetting.StartAsync(
            manifests, setting.Upstream(isSlow), "autopath @kubernetes {\nhost_search corp.example\n}", isKnown ? "verified" : "disabled");
        await using AutopathSetting without = await AutopathSetting.StartAsync(manifests, setting.Upstream(isSlow), autopath: "");
        with.Server.Chain.Client = without.Server.Chain.Client = new IPEndPoint(IPAddress.Parse("10.1.9.9"), 4000);
        string[] search = [space + ".svc.cluster.local.", "svc.cluster.local.", "cluster.local.", "corp.example."];
        DnsRecordType[][] families = [[DnsRecordType.A, DnsRecordType.AAAA], [DnsRecordType.A], [DnsRecordType.AAAA]];
        foreach (bool isMusl in new[] { false, true })
        {
            foreach (DnsRecordType[] asked in families)
            {
                var more = new ClientResolver(with.Server, search, isMusl, asked);
                var plain = new ClientResolver(without.Server, search, isMusl, asked);
                foreach (string name in setting.Names())
                {
                    string expected = plain.Resolve(name);
                    string found = more.Resolve(name);
                    Assert.True(expected == found, $"{name} from {space}, {(isMusl ? "musl" : "glibc")} {string.Join('+', asked)}: '{found}' in place of '{expected}' in\n{setting}");
                }

                Assert.True(more.Asked.Count <= plain.Asked.Count);
            }
        }
    }

    /// <summary>A cluster and the rest of the world.</summary>
    /// <param name="Services">Each a service and its namespace.</param>
    /// <param name="Hosts">Names outside.</param>
    /// <param name="Inner">Names in the node's domain.</param>
    /// <param name="Kinds">What each of the hosts is like.</param>
    private sealed record Setting((string, string)[] Services, string[] Hosts, string[] Inner, int[] Kinds)
    {
        public string Manifests()
        {
            string text = string.Concat(Namespaces.Select(Namespace));
            int number = 0;
            foreach ((string name, string word) in Services.DistinctBy(s => (s.Item1, Namespaces[s.Item2.Length % 3])))
            {
                string space = Namespaces[word.Length % 3];
                number++;
                text += number % 3 == 0
                    ? Service($"{space}/{name}", "None", "http/TCP/80") + Slice($"{space}/{name}/{name}-a", [$"10.1.0.{number} hostname: www"], ["http/TCP/80"])
                    : Service($"{space}/{name}", number % 3 == 1 ? $"10.96.0.{number}" : $"10.96.0.{number}, fd00::{number}", "http/TCP/80");
            }

            return text;
        }

        public ScriptedPlugin Upstream(bool isSlow)
        {
            var upstream = new ScriptedPlugin { IsSlow = isSlow };
            int at = 0;
            foreach (string host in Hosts.Select(h => h + ".").Concat(Inner.Select(h => h + ".corp.example.")))
            {
                string address = $"192.0.2.{at + 1}";
                string address6 = $"2001:db8::{at + 1}";
                _ = Kinds[at++] switch
                {
                    0 => upstream.Host(host, address),
                    1 => upstream.Host(host, null, address6),
                    2 => upstream.Host(host, null),
                    3 => upstream.Code(host, DnsResponseCode.ServerFailure),
                    4 => upstream.On(host, DnsRecordType.A, r => ScriptedPlugin.Address(r, host, address, 300)),
                    5 => upstream.On(host, DnsRecordType.AAAA, r => r.Code = DnsResponseCode.ServerFailure).On(host, DnsRecordType.A, r => ScriptedPlugin.Address(r, host, address, 300)),
                    _ => upstream.Host(host, address, address6),
                };
            }

            return upstream;
        }

        public IEnumerable<string> Names()
        {
            IEnumerable<string> services = Services.SelectMany(s => new[] { s.Item1, $"{s.Item1}.{s.Item2}", $"{s.Item1}.{s.Item2}.svc", $"_http._tcp.{s.Item1}" });
            return Hosts.Concat(Inner).Concat(services).Concat(["www.web.shop", "nothing.example.org", "a.b.c.d.e.f", "web.shop."]).Distinct();
        }

        public override string ToString() => $"{Manifests()}\nhosts {string.Join(' ', Hosts)}\ninner {string.Join(' ', Inner)}\nkinds {string.Join(' ', Kinds)}";
    }
}
