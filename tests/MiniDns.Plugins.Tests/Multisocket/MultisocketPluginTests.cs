using MiniDns.Plugins.Multisocket;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Multisocket;

public sealed class MultisocketPluginTests
{
    [Theory]
    [InlineData("multisocket 2", 2)]
    [InlineData("multisocket 1024", 1024)]
    [InlineData("multisocket 1", 1)]
    public void The_number_of_sockets_is_set(string lines, int sockets)
    {
        SnippetSetup setup = SnippetSetup.Run(new MultisocketPlugin(), lines);
        Assert.Empty(setup.Errors);
        Assert.Equal(sockets, setup.Endpoint.Sockets);
    }

    [Fact]
    public void Without_a_number_there_is_one_socket_for_each_processor() =>
        Assert.Equal(Environment.ProcessorCount, SnippetSetup.Run(new MultisocketPlugin(), "multisocket").Endpoint.Sockets);

    [Theory]
    [InlineData("multisocket text", "2:13: multisocket: 'text' is not a whole number from 1 to 1024")]
    [InlineData("multisocket 0", "2:13: multisocket: '0' is not a whole number from 1 to 1024")]
    [InlineData("multisocket -1", "2:13: multisocket: '-1' is not a whole number from 1 to 1024")]
    [InlineData("multisocket 1025", "2:13: multisocket: '1025' is not a whole number from 1 to 1024")]
    [InlineData("multisocket 2 2", "2:15: multisocket: '2' is one argument too many")]
    [InlineData("multisocket 2 {\n block\n}", "2:1: multisocket: takes no block in braces")]
    [InlineData("multisocket 2\nmultisocket 2", "3:1: multisocket: may be used once in a server block; it was already used at Corefile:2:1")]
    public void What_is_wrong_is_said(string lines, string error) =>
        Assert.Equal(["Corefile:" + error], SnippetSetup.Run(new MultisocketPlugin(), lines).Errors);
}
