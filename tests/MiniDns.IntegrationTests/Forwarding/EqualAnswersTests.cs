using MiniDns.IntegrationTests.Support;
using Xunit.Abstractions;

namespace MiniDns.IntegrationTests.Forwarding;

/// <summary>Clients get what the upstream would have told them, whatever its make.</summary>
public sealed class EqualAnswersTests(UpstreamMakes makes, ITestOutputHelper output) : IClassFixture<UpstreamMakes>
{
    [Theory]
    [InlineData("knot", 1)]
    [InlineData("bind", 2)]
    [InlineData("dnsdist", 3)]
    [InlineData("unbound", 4)]
    public async Task Ten_thousand_answers_are_those_of_the_upstream(string make, int number)
    {
        ToolResult result = await Tool.RunInAsync(
            Path.GetTempPath(),
            "ip",
            [.. makes.Host.Exec.Skip(1), ForwardingHosts.Python, ForwardingHosts.Script("compare_answers.py"), $"127.0.1.{number}", $"127.0.2.{number}", "10000", "mix.test."],
            TimeSpan.FromMinutes(5));
        output.WriteLine($"{make}: {result.Output}");
        Assert.True(result.Output.Contains("compared 10000, different 0,", StringComparison.Ordinal), result.Output + result.Error);
    }
}
