using MiniDns.Plugins.Root;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Root;

public sealed class RootPluginTests
{
    [Theory]
    [InlineData("root ", false)]
    [InlineData("root a b", false)]
    [InlineData("root . {\n x\n}", false)]
    [InlineData("root .", true)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new RootPlugin(), lines).Errors.Count == 0);

    [Fact]
    public void Relative_paths_of_the_block_start_there()
    {
        string directory = Directory.CreateTempSubdirectory("minidns-root-").FullName;
        try
        {
            SnippetSetup setup = SnippetSetup.Run(new RootPlugin(), $"root {directory}");
            Assert.Empty(setup.Warnings);
            Assert.Equal(Path.Combine(directory, "db.example.org"), setup.Block.ResolvePath("db.example.org"));
            Assert.Equal("/etc/hosts", setup.Block.ResolvePath("/etc/hosts"));
        }
        finally
        {
            Directory.Delete(directory);
        }
    }

    [Fact]
    public void A_directory_that_is_not_there_is_a_warning()
    {
        SnippetSetup setup = SnippetSetup.Run(new RootPlugin(), "root /nowhere/at/all");
        Assert.Empty(setup.Errors);
        Assert.Equal(["Corefile:2:6: root: '/nowhere/at/all' is not there, or is no directory"], setup.Warnings);
        Assert.Equal("/nowhere/at/all", setup.Block.Root);
    }

    [Fact]
    public void The_last_of_several_counts()
    {
        SnippetSetup setup = SnippetSetup.Run(new RootPlugin(), "root /\nroot .");
        Assert.Equal(".", Path.GetRelativePath(".", setup.Block.Root));
        Assert.Single(setup.Warnings);
    }
}
