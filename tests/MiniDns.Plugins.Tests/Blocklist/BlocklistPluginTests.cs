using MiniDns.Plugins.Blocklist;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Blocklist;

public sealed class BlocklistPluginTests
{
    [Theory]
    [InlineData("lists a", "3:1: blocklist: unknown property 'lists'; did you mean 'list'?")]
    [InlineData("list a\nlist x/a", "4:6: blocklist: list: there is a list 'a' already; write another name behind the file")]
    [InlineData("block ..", "3:7: blocklist: block: '..' is not a name: a label must not be empty")]
    [InlineData("block a\nanswer drop", "4:8: blocklist: answer: 'drop' is not one of nxdomain, nodata, refused, null, nor an IP address")]
    [InlineData("block a\nanswer 192.0.2.1 192.0.2.2", "4:18: blocklist: answer: '192.0.2.2' is a second address of its family; one of each can be given")]
    [InlineData("block a\ngroup g 10.0.0.0/33", "4:9: blocklist: group: '10.0.0.0/33' is not a network such as 192.0.2.0/24, nor an address")]
    [InlineData("list ads\ngroup g 10.0.0.0/8 {\nlists adds\n}", "5:7: blocklist: group: lists: there is no list 'adds'; did you mean 'ads'?")]
    [InlineData("block a\nede 18", "4:5: blocklist: ede: '18' is not one of blocked, filtered, none")]
    public void What_is_wrong_is_said(string lines, string error) =>
        Assert.Equal(["Corefile:" + error], SnippetSetup.Run(new BlocklistPlugin(), "blocklist {\n" + lines + "\n}").Errors);

    [Fact]
    public void A_directive_that_blocks_nothing_is_doubtful() =>
        Assert.Single(SnippetSetup.Run(new BlocklistPlugin(), "blocklist").Warnings);

    [Fact]
    public void There_can_be_fifteen_lists()
    {
        string lines = string.Concat(Enumerable.Range(0, 16).Select(i => $"list l{i}\n"));
        Assert.Equal(
            ["Corefile:18:6: blocklist: list: there can be at most 15 lists; join some of the files"],
            SnippetSetup.Run(new BlocklistPlugin(), "blocklist {\n" + lines + "}").Errors);
    }
}
