using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Rpz;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Tests.Rpz;

public sealed class PolicyNamesTests
{
    /// <summary>A wildcard stands for what does not exist below it, names without records included (RFC 4592 §2.2, §3.3.1).</summary>
    [Fact]
    public void Rfc4592_Names_and_wildcards_match_as_in_any_zone() =>
        Prop.ForAll(Arb.From(Owners()), Arb.From(Owners()), Arb.From(Names()), (owners, removed, name) =>
        {
            Dictionary<string, int> rules = [];
            var builder = new PolicyNamesBuilder();
            foreach (string owner in owners)
            {
                rules[owner] = rules.Count;
                Set(builder, owner, rules[owner]);
            }

            foreach (string owner in removed)
            {
                rules.Remove(owner);
                Set(builder, owner, -1);
            }

            PolicyNames built = builder.Build();
            var copied = new PolicyNamesBuilder();
            built.CopyTo(copied);
            int expected = Expected(rules, name);
            return built.Count == rules.Count && Find(built, name) == expected && Find(copied.Build(), name) == expected;
        }).QuickCheckThrowOnFailure();

    private static int Find(PolicyNames names, string name)
    {
        DnsName parsed = DnsName.Parse(name);
        return names.Find(parsed.View, parsed.Hash, out _);
    }

    private static void Set(PolicyNamesBuilder builder, string owner, int rule)
    {
        bool isWildcard = owner.StartsWith("*.", StringComparison.Ordinal);
        Assert.True(builder.Set(DnsName.Parse(isWildcard ? owner[2..] is "" ? "." : owner[2..] : owner).Wire, isWildcard, rule));
    }

    private static int Expected(Dictionary<string, int> rules, string name)
    {
        bool Exists(string n) => rules.Keys.Any(o => ("." + o).EndsWith("." + n, StringComparison.Ordinal));
        if (Exists(name))
        {
            return rules.GetValueOrDefault(name, -1);
        }

        string closest = name;
        do
        {
            closest = closest[(closest.IndexOf('.', StringComparison.Ordinal) + 1)..];
        }
        while (closest.Length > 0 && !Exists(closest));

        return rules.GetValueOrDefault("*." + closest, -1);
    }

    private static Gen<string> Names() => Gen.Elements("a", "b", "c").ArrayOf().Select(l => string.Concat(l.Take(5).DefaultIfEmpty("a").Select(x => x + ".")));

    private static Gen<string[]> Owners() => Gen.OneOf(Names().SelectMany(n => Gen.Elements("", "", "*.").Select(w => w + n)), Gen.Constant("*.")).ArrayOf();
}
