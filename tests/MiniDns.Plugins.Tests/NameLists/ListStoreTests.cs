using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.NameLists;
using MiniDns.Protocol.Names;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.NameLists;

public sealed class ListStoreTests
{
    [Fact]
    public void It_finds_what_a_plain_search_finds() =>
        Prop.ForAll(Arb.From(Rules()), Arb.From(ArbMap.Default.GeneratorFor<uint>()), (rules, keep) =>
        {
            var builder = new ListStoreBuilder();
            foreach (Rule rule in rules)
            {
                if (!builder.Add(Wire(rule.Name), rule.Marks))
                {
                    return false;
                }
            }

            ListStore store = builder.Build();
            ListStoreBuilder copied = new();
            store.CopyTo(copied, keep);
            ListStore copy = copied.Build();
            return store.Count == rules.Select(r => r.Name).Distinct(StringComparer.Ordinal).Count()
                && rules.SelectMany(r => new[] { r.Name, "a." + r.Name, "b.a." + r.Name, "x" + r.Name }).All(name =>
                {
                    uint expected = rules.Aggregate(0u, (all, r) => all
                        | (r.Name == name ? r.Marks.Exact : name.EndsWith("." + r.Name, StringComparison.Ordinal) ? r.Marks.Below : 0));
                    return Find(store, name) == expected && Find(copy, name) == (expected & keep);
                });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_root_and_an_empty_store_find_nothing()
    {
        Assert.Equal(0u, ListStore.Empty.Find(DnsName.Root.View, DnsName.Root.Hash));
        Assert.Equal(0u, Find(ListStore.Empty, "example.org"));
    }

    [Fact]
    public void A_million_names_take_at_most_40_MB()
    {
        ListStore store = Million();
        Assert.Equal(1_000_000, store.Count);
        Assert.InRange(store.Octets, 1, 40_000_000);
        Assert.Equal(1u, Find(store, NameOf(999_999)));
        Assert.Equal(0u, Find(store, "www.example.org"));
    }

    [Fact]
    public void A_search_allocates_nothing()
    {
        var builder = new ListStoreBuilder();
        builder.Add(Wire("ads.example.org"), new ListMarks(1, 1));
        ListStore store = builder.Build();
        DnsName name = DnsName.Parse("www.ads.example.org.");
        AllocationAssert.None(() =>
        {
            if (store.Find(name.View, name.Hash) != 1)
            {
                throw new InvalidOperationException("not found");
            }
        });
    }

    /// <summary>A million names of twenty characters, as lists have them.</summary>
    internal static ListStore Million()
    {
        var builder = new ListStoreBuilder();
        for (int i = 0; i < 1_000_000; i++)
        {
            builder.Add(Wire(NameOf(i)), new ListMarks(1, 1));
        }

        return builder.Build();
    }

    internal static string NameOf(int i) => $"t{i:d6}.ads{i % 1000:d3}.org";

    private static uint Find(ListStore store, string name)
    {
        DnsName parsed = DnsName.Parse(name);
        return store.Find(parsed.View, parsed.Hash);
    }

    private static byte[] Wire(string name)
    {
        byte[] wire = new byte[255];
        Assert.True(ListText.TryReadName(Encoding.ASCII.GetBytes(name), wire, out int length, out _));
        return wire[..length];
    }

    private static Gen<Rule[]> Rules()
    {
        Gen<string> label = Gen.Elements("a", "b", "ads", "example", "org", "net");
        Gen<string> name = label.ArrayOf().Select(l => string.Join('.', l.Take(5).DefaultIfEmpty("org")));
        Gen<ListMarks> marks = ArbMap.Default.GeneratorFor<uint>().Two().Select(t => new ListMarks(t.Item1, t.Item2));
        return name.SelectMany(n => marks.Select(m => new Rule(n, m))).ArrayOf();
    }

    private sealed record Rule(string Name, ListMarks Marks);
}
