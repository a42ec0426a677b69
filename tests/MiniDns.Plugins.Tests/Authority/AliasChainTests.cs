using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Authority;

/// <summary>RFC 1034 §4.3.2 step 3a: after an alias the search starts anew, among all zones and plugins that the server has.</summary>
public sealed class AliasChainTests : IDisposable
{
    private const string Apex = "$TTL 3600\n@ SOA ns admin 1 7200 3600 1209600 300\n@ NS ns.elsewhere.test.\n";
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-alias").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_nearer_zone_of_the_block_has_the_target()
    {
        Write("org", "www CNAME www.foo\nmissing CNAME missing.foo\nnodata CNAME mx.foo\n");
        Write("foo", "www A 192.0.2.1\nmx MX 10 www\n");
        await using PluginHarness harness = Start(".:0 {\nroot ROOT\nfile org example.org\nfile foo foo.example.org\n}");
        Reply reply = Ask(harness, "www.example.org.");
        Assert.True(reply.Header.IsAuthoritative);
        Assert.Equal(["www.example.org. 3600 IN CNAME www.foo.example.org.", "www.foo.example.org. 3600 IN A 192.0.2.1"], reply.Answer);

        reply = Ask(harness, "missing.example.org.");
        Assert.Equal(DnsResponseCode.NameError, reply.Code);
        Assert.Single(reply.Answer);
        Assert.StartsWith("foo.example.org. 300 IN SOA", Assert.Single(reply.Authority));

        reply = Ask(harness, "nodata.example.org.");
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.StartsWith("foo.example.org. 300 IN SOA", Assert.Single(reply.Authority));
    }

    [Theory]
    [InlineData("file child child.example.org")]
    [InlineData("auto child.example.org {\ndirectory zones\n}")]
    public async Task A_delegated_zone_of_another_block_has_the_target(string child)
    {
        Write("org", "www CNAME www.child\n*.any CNAME www.child\nd DNAME child\nchild NS ns.child\nns.child A 192.0.2.9\n");
        Write("child", "www A 192.0.2.1\n");
        Directory.CreateDirectory(Path.Combine(_directory, "zones"));
        Write("zones/db.child.example.org", "www A 192.0.2.1\n");
        await using PluginHarness harness = await Start($"example.org:0 {{\nroot ROOT\nfile org\n}}\nchild.example.org:0 {{\nroot ROOT\n{child}\n}}").StartAsync();
        foreach ((string name, int records) in new[] { ("www.example.org.", 2), ("x.any.example.org.", 2), ("www.d.example.org.", 3) })
        {
            Reply reply = Ask(harness, name);
            Assert.Equal(DnsResponseCode.NoError, reply.Code);
            Assert.Equal(records, reply.Answer.Count);
            Assert.Equal("www.child.example.org. 3600 IN A 192.0.2.1", reply.Answer[^1]);
            Assert.Equal(["example.org. 3600 IN NS ns.elsewhere.test."], reply.Authority);
            Assert.Empty(reply.Additional);
        }
    }

    [Fact]
    public async Task A_delegation_to_others_is_the_end()
    {
        Write("org", "www CNAME www.child\nchild NS ns.child\nns.child A 192.0.2.9\n");
        await using PluginHarness harness = Start("example.org:0 {\nroot ROOT\nfile org\n}");
        Reply reply = Ask(harness, "www.example.org.");
        Assert.True(reply.Header.IsAuthoritative);
        Assert.Equal(["www.example.org. 3600 IN CNAME www.child.example.org."], reply.Answer);
        Assert.Equal(["child.example.org. 3600 IN NS ns.child.example.org."], reply.Authority);
        Assert.Equal(["ns.child.example.org. 3600 IN A 192.0.2.9"], reply.Additional);
    }

    [Fact]
    public async Task Any_plugin_of_any_block_may_have_the_target()
    {
        Write("org", "out CNAME www.example.net.\nback CNAME missing\nunknown CNAME www.example.com.\n");
        await using PluginHarness harness = Start("""
            example.org:0 {
                root ROOT
                file org {
                    fallthrough
                }
                hosts {
                    192.0.2.5 missing.example.org
                    fallthrough
                }
            }
            example.net:0 {
                hosts {
                    192.0.2.6 www.example.net
                }
            }
            """);
        Assert.Equal(["out.example.org. 3600 IN CNAME www.example.net.", "www.example.net. 3600 IN A 192.0.2.6"], Ask(harness, "out.example.org.").Answer);
        Reply back = Ask(harness, "back.example.org.");
        Assert.Equal(DnsResponseCode.NoError, back.Code);
        Assert.Equal(["back.example.org. 3600 IN CNAME missing.example.org.", "missing.example.org. 3600 IN A 192.0.2.5"], back.Answer);
        Assert.DoesNotContain(back.Authority, r => r.Contains("SOA", StringComparison.Ordinal));

        Reply unknown = Ask(harness, "unknown.example.org.");
        Assert.Equal(DnsResponseCode.NoError, unknown.Code);
        Assert.Single(unknown.Answer);
    }

    [Fact]
    public async Task A_target_whose_zone_has_no_data_is_SERVFAIL_with_the_alias()
    {
        Write("org", "www CNAME www.child\nchild NS ns.child\nns.child A 192.0.2.9\n");
        await using PluginHarness harness = Start("example.org:0 {\nroot ROOT\nfile org\n}\nchild.example.org:0 {\nroot ROOT\nfile absent\n}");
        Reply reply = Ask(harness, "www.example.org.");
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
        Assert.Equal(["www.example.org. 3600 IN CNAME www.child.example.org."], reply.Answer);
    }

    [Theory]
    [InlineData("self.example.org.")]
    [InlineData("one.example.org.")]
    [InlineData("in.example.org.")]
    [InlineData("x.wild.example.org.")]
    [InlineData("www.dname.example.org.")]
    [InlineData("round.example.org.")]
    [InlineData("www.swap.example.org.")]
    public async Task Rfc1034_3_6_2_A_circle_is_an_error(string name)
    {
        Write("org", """
            self CNAME self
            one CNAME two
            two CNAME one
            in CNAME one
            *.wild CNAME bar.wild
            dname DNAME dname
            round CNAME round.example.net.
            swap DNAME swap.example.net.

            """);
        Write("net", "round CNAME round.example.org.\nswap DNAME swap.example.org.\n");
        await using PluginHarness harness = Start(".:0 {\nroot ROOT\nfile org example.org\nfile net example.net\n}");
        Assert.Equal(DnsResponseCode.ServerFailure, Ask(harness, name).Code);
    }

    [Fact]
    public async Task Chains_have_an_end_in_a_zone_and_across_zones()
    {
        Write("org", string.Concat(Enumerable.Range(0, 20).Select(i => $"c{i} CNAME c{i + 1}\n")) + "c20 A 192.0.2.1\n");
        string blocks = "";
        for (int i = 0; i < 20; i++)
        {
            Write($"z{i}", i == 19 ? "www A 192.0.2.2\n" : $"www CNAME www.z{i + 1}.test.\n");
            blocks += $"file z{i} z{i}.test\n";
        }

        await using PluginHarness harness = Start($".:0 {{\nroot ROOT\nfile org example.org\n{blocks}}}");
        Assert.Equal("192.0.2.1", Ask(harness, "c5.example.org.").Answer[^1].Split(' ')[^1]);
        Reply reply = Ask(harness, "c0.example.org.");
        Assert.Equal((DnsResponseCode.NoError, 16), (reply.Code, reply.Answer.Count));

        reply = Ask(harness, "www.z7.test.");
        Assert.Equal((DnsResponseCode.NoError, IQueryRunner.MaxDepth + 1), (reply.Code, reply.Answer.Count));
        reply = Ask(harness, "www.z6.test.");
        Assert.Equal((DnsResponseCode.ServerFailure, IQueryRunner.MaxDepth + 1), (reply.Code, reply.Answer.Count));
    }

    private static Reply Ask(PluginHarness harness, string name) => new(harness.Chain.Ask(name, DnsRecordType.A));

    private void Write(string file, string records) => File.WriteAllText(Path.Combine(_directory, file), Apex + records);

    private PluginHarness Start(string corefile)
    {
        PluginHarness harness = PluginHarness.Corefile(corefile.Replace("ROOT", _directory, StringComparison.Ordinal));
        Assert.True(harness.IsAccepted, harness.Errors);
        return harness;
    }
}
