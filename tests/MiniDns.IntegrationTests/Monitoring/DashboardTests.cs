using System.Text.Json;
using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Monitoring;

/// <summary>The dashboard for Grafana.</summary>
public sealed partial class DashboardTests(WatchedServer watched) : IClassFixture<WatchedServer>
{
    /// <summary>What CoreDNS has too, as its documentation says, and what a server shows only once it needs it (a cluster, an evicted entry).</summary>
    private static readonly string[] OfCoreDns =
    [
        "coredns_build_info", "coredns_cache_entries", "coredns_cache_evictions_total", "coredns_cache_hits_total", "coredns_cache_prefetch_total", "coredns_cache_requests_total",
        "coredns_cache_served_stale_total", "coredns_dns_do_requests_total", "coredns_dns_request_duration_seconds_bucket", "coredns_dns_request_size_bytes_bucket",
        "coredns_dns_requests_total", "coredns_dns_response_size_bytes_bucket", "coredns_dns_responses_total", "coredns_forward_healthcheck_broken_total",
        "coredns_forward_max_concurrent_rejects_total", "coredns_health_request_failures_total", "coredns_kubernetes_dns_programming_duration_seconds_bucket",
        "coredns_panics_total", "coredns_proxy_conn_cache_hits_total", "coredns_proxy_conn_cache_misses_total", "coredns_proxy_healthcheck_failures_total",
        "coredns_proxy_request_duration_seconds_bucket", "coredns_proxy_request_duration_seconds_count", "coredns_reload_failed_total",
        "process_cpu_seconds_total", "process_open_fds", "process_resident_memory_bytes",
    ];

    /// <summary>Shown by a server only once there is something to count.</summary>
    private static readonly string[] Rare =
    [
        "coredns_cache_evictions_total", "coredns_forward_max_concurrent_rejects_total", "coredns_kubernetes_dns_programming_duration_seconds_bucket", "minidns_overload_drops_total",
    ];

    private static readonly JsonElement Dashboard = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("config", "grafana", "minidns.json"))).RootElement;

    private static JsonElement[] Panels => [.. Dashboard.GetProperty("panels").EnumerateArray()];

    private static string[] Expressions =>
    [
        .. from panel in Panels
           where panel.TryGetProperty("targets", out _)
           from target in panel.GetProperty("targets").EnumerateArray()
           select target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal),
    ];

    [Fact]
    public void Each_panel_has_a_place_a_title_and_an_explanation()
    {
        Assert.Equal(Panels.Length, Panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
        var taken = new HashSet<(int X, int Y)>();
        foreach (JsonElement panel in Panels)
        {
            string title = panel.GetProperty("title").GetString()!;
            Assert.NotEmpty(title);
            Assert.True(panel.GetProperty("type").GetString() == "row" || panel.GetProperty("description").GetString() is { Length: > 0 }, title);
            JsonElement place = panel.GetProperty("gridPos");
            int left = place.GetProperty("x").GetInt32();
            int top = place.GetProperty("y").GetInt32();
            foreach (int x in Enumerable.Range(left, place.GetProperty("w").GetInt32()))
            {
                Assert.InRange(x, 0, 23);
                Assert.All(Enumerable.Range(top, place.GetProperty("h").GetInt32()), y => Assert.True(taken.Add((x, y)), title));
            }
        }
    }

    [Fact]
    public async Task Each_metric_is_on_the_page_and_all_but_our_own_are_CoreDNSs()
    {
        string page = await watched.ScrapeAsync();
        string[] used = [.. Expressions.SelectMany(e => MetricName().Matches(e).Select(m => m.Value)).Distinct()];
        Assert.True(used.Length > 20, string.Join(' ', used));
        Assert.All(used, name => Assert.True(
            Rare.Contains(name, StringComparer.Ordinal) || page.Contains('\n' + name + '{', StringComparison.Ordinal) || page.Contains('\n' + name + ' ', StringComparison.Ordinal), name));
        Assert.Equal(
            ["minidns_ignored_messages_total", "minidns_output_dropped_lines_total", "minidns_overload_drops_total"],
            used.Except(OfCoreDns, StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Prometheus_understands_each_expression()
    {
        string rules = watched.Directory.Write("rules.yml", "groups:\n- name: dashboard\n  rules:\n"
            + string.Concat(Expressions.Select((e, i) => $"  - record: r{i}\n    expr: {JsonSerializer.Serialize(e)}\n")));
        (await Tool.RunAsync("promtool", "check", "rules", rules)).Succeeded();

        await watched.ExpectAsync("up{job=\"dns\"}", "1");
        await Eventually.TrueAsync(
            async () => (await watched.EvaluateAsync("rate(process_cpu_seconds_total[1m])")).Output.Length > 0,
            () => "Prometheus has no two values");
        string[] found = await Task.WhenAll(Expressions.Select(async e => (await watched.EvaluateAsync(e)).Succeeded().Output));
        int empty = found.Count(f => f.Length == 0);
        Assert.True(empty < found.Length / 3, string.Join('\n', Expressions.Zip(found).Where(p => p.Second.Length == 0).Select(p => p.First)));
    }

    [GeneratedRegex("(?<![A-Za-z_])(coredns|minidns|process|dotnet|go)_[a-z_]+", RegexOptions.CultureInvariant)]
    private static partial Regex MetricName();
}
