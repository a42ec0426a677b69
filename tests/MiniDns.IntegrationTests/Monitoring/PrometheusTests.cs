using System.Globalization;
using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Monitoring;

/// <summary>The page of the plugin prometheus, as Prometheus itself sees it.</summary>
public sealed partial class PrometheusTests(WatchedServer watched) : IClassFixture<WatchedServer>
{
    [Fact]
    public async Task The_version_and_the_revision_are_those_that_the_program_tells()
    {
        string[] told = [.. (await Tool.RunAsync(Repository.DotnetHost, Repository.ServerAssembly, "-version")).Succeeded().Lines];
        string page = await watched.ScrapeAsync();
        string revision = told[1].Split(", ")[^1].Replace("unknown", "", StringComparison.Ordinal);
        Assert.Contains($"coredns_build_info{{version=\"{told[0].Split('-')[1]}\",revision=\"{revision}\",goversion=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_the_page()
    {
        string page = watched.Directory.Write("page", await watched.ScrapeAsync());
        ToolResult result = await Tool.RunAsync("sh", "-c", "exec promtool check metrics < \"$0\"", page);
        Assert.True(result.ExitCode == 0 && result.Output.Length == 0, result.ToString());
    }

    [Fact]
    public async Task Prometheus_reads_it()
    {
        await watched.ExpectAsync("up{job=\"dns\"}", "1");
        await watched.ExpectAsync(
            "sum(coredns_dns_requests_total{server=\"dns://127.0.0.1:53\", zone=\".\"})", WatchedServer.Asked.ToString(CultureInfo.InvariantCulture));
        await watched.ExpectAsync("sum(coredns_dns_requests_total{zone=\".\", proto=\"tcp\", family=\"1\", type=\"AAAA\"})", "1");
        await watched.ExpectAsync("sum(coredns_dns_requests_total{zone=\".\", type=\"other\"})", "1");
        await watched.ExpectAsync("sum(coredns_dns_responses_total{zone=\".\", plugin=\"hosts\", rcode=\"NOERROR\"})", "1");
        await watched.ExpectAsync("sum(coredns_dns_request_duration_seconds_count{zone=\".\"}) - sum(coredns_dns_requests_total{zone=\".\"})", "0");
        await watched.ExpectAsync("count(coredns_plugin_enabled{name=\"cache\", zone=\".\"})", "1");
        await watched.ExpectAsync("histogram_quantile(0.99, sum by (le) (coredns_dns_request_duration_seconds_bucket)) > bool 0", "1");
    }

    [Fact]
    public async Task It_is_served_under_load_and_no_query_is_missing_in_it()
    {
        double before = Requests(await watched.ScrapeAsync());
        string questions = watched.Directory.Write("questions", string.Concat(Enumerable.Range(0, 1000).Select(i => $"n{i}.load.test A\nweb.load.test A\n")));
        await using var load = new RunningProgram(watched.Directory.Path, [.. watched.Network.Exec, "dnsperf", "-s", "127.0.0.1", "-d", questions, "-l", "3", "-c", "4", "-q", "100"]);
        double last = before;
        int grown = 0;
        do
        {
            double now = Requests(await watched.ScrapeAsync());
            Assert.True(now >= last, $"{now} after {last}");
            grown += now > last ? 1 : 0;
            last = now;
        }
        while (!load.Output.Completion.IsCompleted);

        Assert.Equal(0, await load.ExitAsync());
        Assert.True(grown > 1, load.Transcript);
        double sent = double.Parse(Completed().Match(load.Transcript).Groups["count"].Value, CultureInfo.InvariantCulture);
        Assert.True(sent > 0, load.Transcript);
        last = Requests(await watched.ScrapeAsync());
        Assert.True(last - before >= sent, $"{last - before} counted of {sent} that were answered");
    }

    /// <summary>The queries of the zone that nothing else asks for.</summary>
    private static double Requests(string page) =>
        RequestLine().Matches(page).Sum(m => double.Parse(m.Groups["value"].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^coredns_dns_requests_total\{[^\n]*zone=""load\.test\.""[^\n]*\} (?<value>\S+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"Queries completed: +(?<count>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Completed();
}
