using System.Text.RegularExpressions;
using MiniDns.CommandLine;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Program;

/// <summary>What the commands print looks right on a terminal.</summary>
public sealed partial class TerminalTests
{
    public static IEnumerable<object[]> Helps =>
        from command in (string[])["", .. ServeCommand.Create().Subcommands.Select(c => c.Name)]
        from columns in (int[])[80, 120]
        select new object[] { command, columns };

    [Theory]
    [MemberData(nameof(Helps))]
    public async Task Help_fits_into_the_terminal(string command, int columns)
    {
        ToolResult result = await Tool.RunAsync(
            "script", "--quiet", "--return", "--command", $"stty cols {columns} rows 40; '{Repository.DotnetHost}' '{Repository.ServerAssembly}' {command} --help", "/dev/null");
        string[] lines = [.. result.Succeeded().Lines.Select(l => Control().Replace(l, ""))];
        Assert.True(lines.Length > 5, result.ToString());
        Assert.All(lines.TakeWhile(l => l != "Examples:"), l => Assert.True(l.Length <= columns, l));
    }

    [Fact]
    public async Task Output_that_goes_elsewhere_has_nothing_for_terminals()
    {
        ToolResult result = (await Tool.RunAsync(Repository.DotnetHost, Repository.ServerAssembly, "plan", Repository.PathOf("Corefile.example"))).Succeeded();
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public async Task A_long_chain_is_broken_between_words_on_a_terminal()
    {
        using var directory = new TestDirectory();
        string corefile = directory.Write("Corefile", ". {\n    nsid\n    prometheus\n    errors\n    log\n    local\n    any\n    chaos\n    loadbalance\n    cache\n    minimal\n    loop\n    whoami\n}\n");
        ToolResult shown = (await Tool.RunAsync(
            "script", "--quiet", "--return", "--command", $"stty cols 80 rows 40; '{Repository.DotnetHost}' '{Repository.ServerAssembly}' plan {corefile}", "/dev/null")).Succeeded();
        string[] lines = [.. shown.Lines.Select(l => Control().Replace(l, "")).SkipWhile(l => !l.StartsWith("    chain", StringComparison.Ordinal)).TakeWhile(l => l.StartsWith("    ", StringComparison.Ordinal))];
        Assert.True(lines.Length > 1 && lines[1].StartsWith(new string(' ', 14), StringComparison.Ordinal), string.Join('\n', lines));
        Assert.All(lines, l => Assert.True(l.Length < 80, l));
        Assert.Contains("nsid > prometheus > errors > log", string.Join(' ', lines.Select(l => l.Trim())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Findings_are_broken_between_words_on_a_terminal_only()
    {
        using var directory = new TestDirectory();
        string corefile = directory.Write("Corefile", ". {\n    template IN AAAA . {\n        rcode NXDOMAIN\n    }\n    whoami\n}\n");
        ToolResult piped = (await Tool.RunAsync(Repository.DotnetHost, Repository.ServerAssembly, "check", corefile)).Succeeded();
        Assert.StartsWith(corefile + ":3:15: warning: template: rcode: NXDOMAIN", piped.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith(corefile + ": ok", piped.Lines[^1], StringComparison.Ordinal);
        ToolResult shown = (await Tool.RunAsync(
            "script", "--quiet", "--return", "--command", $"stty cols 80 rows 40; '{Repository.DotnetHost}' '{Repository.ServerAssembly}' check {corefile}", "/dev/null")).Succeeded();
        string[] lines = [.. shown.Lines.Select(l => Control().Replace(l, ""))];
        Assert.All(lines, l => Assert.True(l.Length < 80, l));
        Assert.Equal(piped.Lines[0], string.Join(' ', lines.TakeWhile((l, i) => i == 0 || l.StartsWith("    ", StringComparison.Ordinal)).Select(l => l.Trim())));
    }

    [Theory]
    [InlineData("one two three", 8, "one two|three")]
    [InlineData("one two three", 80, "one two three")]
    [InlineData("one-long-word and", 8, "one-long-word and")]
    [InlineData("", 8, "")]
    public void A_line_is_broken_between_words(string line, int width, string expected) =>
        Assert.Equal(expected.Split('|'), Terminal.Wrap(line, width));

    [GeneratedRegex(@"\u001b\[[?0-9;]*[a-z]|\u001b=|\r", RegexOptions.CultureInvariant)]
    private static partial Regex Control();
}
