using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Blocklist;

public sealed class BlocklistHandlerTests
{
    [Theory]
    [InlineData("", DnsRecordType.A, "NameError SOA 300 EDE 15")]
    [InlineData("answer nxdomain\nede filtered", DnsRecordType.TXT, "NameError SOA 300 EDE 17")]
    [InlineData("answer nodata\nttl 60", DnsRecordType.A, "NoError SOA 60 EDE 15")]
    [InlineData("answer refused\nede none", DnsRecordType.A, "Refused")]
    [InlineData("answer null", DnsRecordType.A, "NoError A 300 00000000 EDE 15")]
    [InlineData("answer null", DnsRecordType.AAAA, "NoError AAAA 300 00000000000000000000000000000000 EDE 15")]
    [InlineData("answer null", DnsRecordType.HTTPS, "NoError SOA 300 EDE 15")]
    [InlineData("answer 192.0.2.9", DnsRecordType.A, "NoError A 300 C0000209 EDE 15")]
    [InlineData("answer 192.0.2.9", DnsRecordType.AAAA, "NoError SOA 300 EDE 15")]
    [InlineData("answer 192.0.2.9 2001:db8::9", DnsRecordType.AAAA, "NoError AAAA 300 20010DB8000000000000000000000009 EDE 15")]
    public async Task A_blocked_name_is_answered(string lines, DnsRecordType type, string expected)
    {
        await using BlocklistSetting setting = new();
        await setting.StartAsync(lines + "\nblock ads.example.org");
        Assert.Equal(expected, setting.Ask("x.ads.example.org.", type));
        Assert.Equal("next", setting.Ask("example.org.", type));
        Assert.Equal(1, setting.Metric("minidns_blocklist_blocked_total", "corefile"));
    }

    [Theory]
    [InlineData("ads.example.org.", false)]
    [InlineData("ADS.Example.ORG.", false)]
    [InlineData("x.ads.example.org.", true)]
    [InlineData("example.org.", true)]
    [InlineData("tree.example.", false)]
    [InlineData("a.b.tree.example.", false)]
    [InlineData("xtree.example.", true)]
    [InlineData("below.example.", true)]
    [InlineData("a.below.example.", false)]
    [InlineData("good.tree.example.", true)]
    [InlineData("very.good.tree.example.", true)]
    [InlineData("fine.tree.example.", true)]
    [InlineData("kept.example.", true)]
    [InlineData(".", true)]
    public async Task Lists_of_every_kind_count_together(string name, bool passes)
    {
        await using BlocklistSetting setting = new();
        setting.Write("a", "0.0.0.0 ads.example.org\n0.0.0.0 kept.example\n");
        setting.Write("b", "||tree.example^\n@@||good.tree.example^\n*.below.example\n");
        setting.Write("c", "kept.example\n");
        await setting.StartAsync("list DIR/a\nlist DIR/b second\nallow_list DIR/c\nallow fine.tree.example");
        Assert.Equal(passes, setting.Ask(name) == "next");
    }

    [Fact]
    public async Task Groups_have_lists_and_answers_of_their_own()
    {
        await using BlocklistSetting setting = new();
        setting.Write("a", "ads.example\n");
        setting.Write("b", "games.example\n");
        await setting.StartAsync("""
            group grown 10.0.0.0/8 {
                lists a
            }
            group young 10.1.0.0/16 2001:db8::/32 {
                answer refused
                ede filtered
            }
            group admin 10.1.2.3 {
                off
            }
            list DIR/a
            list DIR/b
            """);
        Assert.Equal("NameError SOA 300 EDE 15", setting.Ask("games.example."));
        Assert.Equal("next", setting.Ask("games.example.", client: "10.2.0.1"));
        Assert.Equal("NameError SOA 300 EDE 15", setting.Ask("ads.example.", client: "10.2.0.1"));
        Assert.Equal("Refused EDE 17", setting.Ask("games.example.", client: "10.1.0.1"));
        Assert.Equal("Refused EDE 17", setting.Ask("games.example.", client: "2001:db8::7"));
        Assert.Equal("next", setting.Ask("ads.example.", client: "10.1.2.3"));
    }

    [Fact]
    public async Task Other_classes_go_on()
    {
        await using BlocklistSetting setting = new();
        await setting.StartAsync("block version.bind");
        Assert.Equal("next", setting.Ask("version.bind.", DnsRecordType.TXT, @class: DnsRecordClass.CH));
    }

    [Fact]
    public async Task A_change_is_read_and_other_lists_stay()
    {
        await using BlocklistSetting setting = new();
        setting.Write("a", "a.example\n");
        setting.Write("b", "b.example\n");
        await setting.StartAsync("list DIR/a\nlist DIR/b\nblock c.example");
        setting.Write("b", "bb.example\nbbb.example\n");
        setting.Files.Refresh(certain: false);
        Assert.NotEqual("next", setting.Ask("a.example."));
        Assert.Equal("next", setting.Ask("b.example."));
        Assert.NotEqual("next", setting.Ask("bb.example."));
        Assert.NotEqual("next", setting.Ask("c.example."));
        Assert.Equal(2, setting.Metric("minidns_blocklist_names", "b"));
    }

    [Fact]
    public async Task A_list_that_cannot_be_read_stays_as_it_was()
    {
        await using BlocklistSetting setting = new();
        string path = setting.Write("a", "a.example\n");
        await setting.StartAsync("list DIR/a\nlist DIR/missing");
        Assert.Equal(1, setting.Metric("minidns_blocklist_load_failures_total", "missing"));
        setting.Write("a", "<html>\n<body>\n<p>404 not found</p>\n");
        setting.Files.Refresh(certain: true);
        Assert.NotEqual("next", setting.Ask("a.example."));
        File.Delete(path);
        setting.Files.Refresh(certain: true);
        Assert.NotEqual("next", setting.Ask("a.example."));
        Assert.Equal(2, setting.Metric("minidns_blocklist_load_failures_total", "a"));
        setting.Write("a", "new.example\n");
        setting.Files.Refresh(certain: true);
        Assert.NotEqual("next", setting.Ask("new.example."));
        Assert.Equal("next", setting.Ask("a.example."));
        string log = string.Join('\n', setting.Services.Log.Lines);
        Assert.Contains("a is no list: 3 lines are malformed, 0 are right", log, StringComparison.Ordinal);
        Assert.Contains($"{path}:1:1: '<html>' is not a name", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_in_a_list_is_told_of_where_the_configuration_is_read()
    {
        await using BlocklistSetting setting = new();
        string path = setting.Write("a", "a.example\n!\nb..example\nb.example c.example\nd.example\n");
        await setting.StartAsync("list DIR/a\nlist DIR/missing");
        Assert.Collection(
            setting.Warnings,
            w => Assert.Equal($"{path}:3:1: blocklist: 'b..example' is not a name: a label must not be empty; skipped", w),
            w => Assert.StartsWith($"{path}:4:11: blocklist: one name is expected on a line", w, StringComparison.Ordinal),
            w => Assert.StartsWith($"Corefile:4:1: blocklist: {setting.Directory}/missing cannot be read: ", w, StringComparison.Ordinal));
        Assert.NotEqual("next", setting.Ask("d.example."));
    }

    [Fact]
    public async Task A_watched_file_is_read_when_it_changes()
    {
        await using BlocklistSetting setting = new();
        setting.Write("a", "a.example\n");
        await setting.StartAsync("list DIR/a");
        File.Move(setting.Write("a.new", "b.example\nmore.example\n"), Path.Combine(setting.Directory, "a"), overwrite: true);
        for (int i = 0; i < 2000 && setting.Ask("b.example.") == "next"; i++)
        {
            setting.Services.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        Assert.NotEqual("next", setting.Ask("b.example."));
        Assert.Equal("next", setting.Ask("a.example."));
    }

    [Theory]
    [InlineData("www.example.net.", "answer nxdomain")]
    [InlineData("ads.example.org.", "answer nxdomain")]
    [InlineData("ads.example.org.", "answer null")]
    public async Task A_query_allocates_nothing(string name, string answer)
    {
        await using BlocklistSetting setting = new();
        await setting.StartAsync($"block ads.example.org\n{answer}\ngroup x 10.0.0.0/8 {{\noff\n}}");
        int length = setting.Chain.Begin(name, DnsRecordType.A, dnssecOk: true);
        setting.Chain.Run();
        AllocationAssert.None(() =>
        {
            setting.Chain.BeginAgain(length, DnsTransport.Udp);
            setting.Chain.Run();
        });
    }
}
