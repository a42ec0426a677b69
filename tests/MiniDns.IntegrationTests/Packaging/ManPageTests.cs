using System.CommandLine;
using System.Text.RegularExpressions;
using MiniDns.CommandLine;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>The manual page and the completion know the commands and options that the program has, and no others.</summary>
public sealed partial class ManPageTests
{
    private static readonly string PagePath = Repository.PathOf("config", "debian", "minidns.8");

    private static readonly RootCommand Program = ServeCommand.Create();

    /// <summary>The page without its fonts, by sections: "OPTIONS", and a section for each command.</summary>
    private static readonly Dictionary<string, string> Sections = Section()
        .Matches(Font().Replace(File.ReadAllText(PagePath), "").Replace("\\-", "-", StringComparison.Ordinal))
        .ToDictionary(m => m.Groups["title"].Value, m => m.Groups["text"].Value, StringComparer.Ordinal);

    public static TheoryData<string> Commands => [.. Program.Subcommands.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Each_command_stands_with_its_options(string name)
    {
        Command command = Program.Subcommands.Single(c => c.Name == name);
        Assert.Equal(Names(command.Options), Described(Sections[name]));
        string details = ((ExampleCommand)command).Details;
        Assert.Equal(Words().Matches(details).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal), Words().Matches(Sections[name]).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_servers_own_options_stand_and_there_are_no_other_commands()
    {
        Assert.Equal(Names(Program.Options), Described(Sections["OPTIONS"]));
        Assert.Equal(Program.Subcommands.Select(c => c.Name).Order(StringComparer.Ordinal), Sections.Keys.Where(k => char.IsAsciiLetterLower(k[0])).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Man_finds_nothing_wrong_with_it()
    {
        ToolResult result = (await Tool.RunAsync("man", "--warnings", "--local-file", PagePath)).Succeeded();
        Assert.Empty(result.Error);
        Assert.Contains("explain", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("minidns pl", "plan")]
    [InlineData("minidns explain --s", "--server")]
    [InlineData("minidns check --", "--dns.port --help --json --strict")]
    [InlineData("minidns -pid", "-pidfile")]
    [InlineData("minidns query example.org +t", "+tcp +time +tries")]
    [InlineData("minidns explain example.org +t", "+tcp +tls")]
    [InlineData("minidns check /", null)]
    public async Task Bash_completes(string line, string? expected)
    {
        using var directory = new TestDirectory();
        string program = directory.Write("minidns", $"#!/bin/sh\nexec '{Repository.DotnetHost}' '{Repository.ServerAssembly}' \"$@\"\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        const string Complete = """
            source "$1"
            COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=($2)
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _minidns
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        ToolResult result = await Tool.RunAsync("env", $"PATH={directory.Path}:{Environment.GetEnvironmentVariable("PATH")}", "bash", "-c", Complete, "bash", Repository.PathOf("config", "completion", "minidns.bash"), line);
        Assert.Equal(expected?.Split(' ') ?? [], result.Succeeded().Lines);
    }

    /// <summary>What each command has from the program, help for instance, stands with the program only.</summary>
    private static IEnumerable<string> Names(IEnumerable<Option> options) =>
        options.Where(o => !o.Hidden).SelectMany(o => (IEnumerable<string>)[o.Name, .. o.Aliases]).Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<string> Described(string section) =>
        Heading().Matches(section).SelectMany(m => OptionName().Matches(m.Value)).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\\f[BIRP]", RegexOptions.CultureInvariant)]
    private static partial Regex Font();

    [GeneratedRegex(@"^\.S[HS] (?<title>[^\n]+)\n(?<text>((?!\.S[HS] )[^\n]*\n)*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\.TP\n[^\n]+$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Heading();

    [GeneratedRegex(@"(?<=[\s""])--?[a-z?][a-z.]*", RegexOptions.CultureInvariant)]
    private static partial Regex OptionName();

    [GeneratedRegex(@"(?<=\s)\+[a-z]+", RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
