using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Tests.Names;

public sealed class DnsNameTableTests
{
    [Fact]
    public void A_table_answers_as_a_dictionary_does()
    {
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var entries = new List<KeyValuePair<DnsName, int>>();
            var expected = new Dictionary<DnsName, int>();
            for (int i = random.Next(200); i > 0; i--)
            {
                DnsName name = Name(random);
                entries.Add(new(name, i));
                expected[name] = i;
            }

            var table = new DnsNameTable<int>(entries);
            Assert.Equal(expected.Count, table.Count);
            Assert.Equal(expected.Values.Order(), table.Values.ToArray().Order());
            foreach (DnsName name in expected.Keys.Concat(Enumerable.Range(0, 200).Select(_ => Name(random))))
            {
                bool found = table.TryGet(name.View, out int value);
                Assert.Equal(expected.TryGetValue(name, out int expectedValue), found);
                Assert.Equal(expectedValue, value);

                DnsName? longest = name;
                while (longest is not null && !expected.ContainsKey(longest))
                {
                    longest = longest.IsRoot ? null : longest.Parent;
                }

                Assert.Equal(longest is not null, table.TryGetLongestSuffix(name.View, out value, out int labels));
                Assert.True(longest is null || (expected[longest] == value && longest.LabelCount == labels));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(10_000));
    }

    [Fact]
    public void An_empty_table_finds_nothing()
    {
        Assert.False(DnsNameTable<string>.Empty.TryGet(DnsName.Root.View, out _));
        Assert.False(DnsNameTable<string>.Empty.TryGetLongestSuffix(DnsName.Parse("a.b").View, out _, out _));
    }

    [Fact]
    public void A_hundred_thousand_names_are_found()
    {
        KeyValuePair<DnsName, int>[] entries = [.. Enumerable.Range(0, 100_000).Select(i => new KeyValuePair<DnsName, int>(DnsName.Parse($"host{i}.example"), i))];
        var table = new DnsNameTable<int>(entries);
        foreach ((DnsName name, int value) in entries)
        {
            Assert.True(table.TryGet(name.View, out int found) && found == value);
        }

        Assert.False(table.TryGet(DnsName.Parse("host100000.example").View, out _));
    }

    private static DnsName Name(Random random)
    {
        string text = string.Join('.', Enumerable.Range(0, random.Next(6)).Select(_ => "abAB*"[random.Next(5)].ToString()));
        return text.Length == 0 ? DnsName.Root : DnsName.Parse(text);
    }
}
