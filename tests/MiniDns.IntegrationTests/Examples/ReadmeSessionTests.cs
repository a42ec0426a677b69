using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Examples;

/// <summary>What the README shows of dig, nslookup and host is what they print.</summary>
public sealed partial class ReadmeSessionTests(ExampleHost host) : IClassFixture<ExampleHost>
{
    [Fact]
    public async Task The_commands_print_what_the_README_shows()
    {
        string readme = await File.ReadAllTextAsync(Repository.PathOf("README.md"));
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerLaunch
        {
            Directory = Repository.Root,
            Prefix = [.. host.Network.Exec],
            Arguments = ["-conf", "Corefile.example", "-dns.port", "1053"],
        });
        int commands = 0;
        foreach (Match command in Command().Matches(readme))
        {
            commands++;
            string line = command.Groups["command"].Value;
            if (line.StartsWith("minidns ", StringComparison.Ordinal))
            {
                line = $"'{Repository.DotnetHost}' '{Repository.ServerAssembly}'{line["minidns".Length..]}";
            }

            ToolResult result = (await host.Network.RunAsync("sh", "-c", $"cd '{Repository.Root}' && {line}")).Succeeded();
            string[] printed = [.. result.Lines.Select(Plain)];
            foreach (string expected in command.Groups["output"].Value.Split('\n').Select(Plain).Where(l => l != ""))
            {
                Assert.True(printed.Contains(expected), $"the README shows '{expected}', which is not in\n{result}");
            }
        }

        Assert.True(commands >= 3, "the README shows no sessions");
    }

    /// <summary>A line without what differs from run to run: the id, the time, the width of gaps.</summary>
    private static string Plain(string line) => Gap().Replace(Duration().Replace(Id().Replace(line, "id: *"), "TIME"), " ").Trim();

    // Commands that ask the example's port or look at a Corefile, and what stands below them up to the next command or the end of the fence.
    [GeneratedRegex(@"^\$ (?<command>((dig|nslookup|host|kdig|drill) [^\n]*1053|minidns (check|plan|explain|query|fmt) )[^\n]*)\n(?<output>((?!\$ |```)[^\n]*\n)*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Command();

    [GeneratedRegex(@"\bid: \d+", RegexOptions.CultureInvariant)]
    private static partial Regex Id();

    [GeneratedRegex(@"\b\d+(\.\d+)? (µs|ms)( |$)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Gap();
}
