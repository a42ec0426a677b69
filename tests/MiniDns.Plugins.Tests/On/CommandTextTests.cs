using MiniDns.Plugins.On;

namespace MiniDns.Plugins.Tests.On;

public sealed class CommandTextTests
{
    [Theory]
    [InlineData("cmd arg1 arg2", "cmd", "arg1", "arg2")]
    [InlineData("  cmd \t arg1  ", "cmd", "arg1")]
    [InlineData("sh -c 'echo \"a b\" # c'", "sh", "-c", "echo \"a b\" # c")]
    [InlineData("sh -c \"echo 'a' \\\"b\\\"\"", "sh", "-c", "echo 'a' \"b\"")]
    [InlineData("a\\ b c\\'d 'e\\' \"\"", "a b", "c'd", "e\\", "")]
    [InlineData("a'b c'\"d e\"f", "ab cd ef")]
    [InlineData("cmd a#b # the rest", "cmd", "a#b")]
    [InlineData("cmd arg &", "cmd", "arg", "&")]
    [InlineData("")]
    [InlineData("# nothing")]
    public void Words_are_divided_as_a_shell_does(string text, params string[] words)
    {
        Assert.True(CommandText.TrySplit(text, out List<string> divided, out string? error), error);
        Assert.Equal(words, divided);
    }

    [Theory]
    [InlineData("sh -c 'echo", "the closing ' is missing")]
    [InlineData("sh -c \"echo'", "the closing \" is missing")]
    [InlineData("cmd \\", "it ends with a backslash")]
    public void What_has_no_end_is_an_error(string text, string expected)
    {
        Assert.False(CommandText.TrySplit(text, out _, out string? error));
        Assert.Equal(expected, error);
    }
}
