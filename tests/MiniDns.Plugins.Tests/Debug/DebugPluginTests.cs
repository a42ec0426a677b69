using MiniDns.Plugins.Debug;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Debug;

public sealed class DebugPluginTests
{
    [Theory]
    [InlineData("debug", true)]
    [InlineData("debug off", false)]
    [InlineData("debug {\n x\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new DebugPlugin(), lines).Errors.Count == 0);

    [Fact]
    public void The_block_is_marked() => Assert.True(SnippetSetup.Run(new DebugPlugin(), "debug").Block.Debug);
}
