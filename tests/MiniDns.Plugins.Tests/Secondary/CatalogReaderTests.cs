using MiniDns.Plugins.Primaries;
using MiniDns.Plugins.Secondary;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Tests.Secondary;

public sealed class CatalogReaderTests
{
    private const string Start = "@ SOA invalid. invalid. 1 100 10 1000 0\n@ NS invalid.\n";
    private const string Version = "version TXT 2\n";

    [Fact]
    public void Rfc9432_4_1_members_are_the_PTR_records_below_zones()
    {
        Dictionary<DnsName, CatalogMember> members = Read(Start + Version + """
            a1.zones PTR Example.com.
            group.a1.zones TXT "nodnssec"
            b2.ZONES PTR example.net.
            coo.b2.zones PTR newcatalog.example.
            c3.zones TXT "no member"
            other PTR example.org.
            x.ext.d4.zones PTR example.info.

            """);
        Assert.Equal(2, members.Count);
        CatalogMember first = members[DnsName.Parse("example.com.")];
        Assert.Equal(DnsName.Parse("a1"), first.Id);
        Assert.Null(first.NewOwner);
        Assert.Equal(DnsName.Parse("newcatalog.example."), members[DnsName.Parse("example.net.")].NewOwner);
    }

    [Theory]
    [InlineData("version 2 missing", Start)]
    [InlineData("version 2", Start + "version TXT 1\n")]
    [InlineData("one version TXT record", Start + "version TXT 2\nversion TXT 3\n")]
    [InlineData("must have version 2", Start + "version TXT 2 2\n")]
    [InlineData("no NS records", "@ SOA invalid. invalid. 1 100 10 1000 0\n" + Version)]
    [InlineData("one PTR record only", Start + Version + "a.zones PTR b.example.\na.zones PTR c.example.\n")]
    [InlineData("listed twice", Start + Version + "a.zones PTR b.example.\nb.zones PTR B.example.\n")]
    [InlineData("one PTR record only", Start + Version + "a.zones PTR b.example.\ncoo.a.zones PTR c.example.\ncoo.a.zones PTR d.example.\n")]
    public void Rfc9432_5_1_a_broken_catalog_is_not_used(string reason, string text)
    {
        Assert.False(CatalogReader.TryRead(SecondaryBench.Build("catalog.example.", text), out _, out string? error));
        Assert.Contains(reason == "version 2 missing" ? "version TXT" : reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_catalog_is_a_catalog() => Assert.Empty(Read(Start + Version));

    private static Dictionary<DnsName, CatalogMember> Read(string text)
    {
        Assert.True(CatalogReader.TryRead(SecondaryBench.Build("catalog.example.", text), out Dictionary<DnsName, CatalogMember>? members, out string? error), error);
        return members;
    }
}
