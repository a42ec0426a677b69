namespace MiniDns.Cluster.Tests;

public class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal) { ["app"] = "nginx", ["example.org/tier"] = "front", ["empty"] = "" };

    [Theory]
    [InlineData("app=nginx", true)]
    [InlineData("app==nginx", true)]
    [InlineData("app = apache", false)]
    [InlineData("app!=apache", true)]
    [InlineData("other!=x", true)]
    [InlineData("app in (apache, nginx)", true)]
    [InlineData("app notin (apache,nginx)", false)]
    [InlineData("other notin (x)", true)]
    [InlineData("other in (x)", false)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData("!other", true)]
    [InlineData("empty=", true)]
    [InlineData("example.org/tier in (front),app", true)]
    [InlineData(" app=nginx , !other ", true)]
    [InlineData("app=nginx,example.org/tier=back", false)]
    public void Matches(string text, bool matches)
    {
        Assert.True(LabelSelector.TryParse(text, out LabelSelector? selector, out string? error), error);
        Assert.Equal(matches, selector.Matches(Labels));
    }

    [Theory]
    [InlineData("")]
    [InlineData("app=nginx,")]
    [InlineData("app in (nginx")]
    [InlineData("app in nginx")]
    [InlineData("app nginx")]
    [InlineData("app=a b")]
    [InlineData("-app=nginx")]
    [InlineData("app=-nginx")]
    [InlineData("a/b/c=d")]
    [InlineData("app>1")]
    public void Refuses(string text) => Assert.False(LabelSelector.TryParse(text, out _, out _));
}
