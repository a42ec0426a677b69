using MiniDns.Diagnostics;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Prometheus;

/// <summary>The metrics that CoreDNS 1.14.7 documents have its labels, no more and no fewer, so that its dashboards and alerts work.</summary>
public sealed class MetricLabelsTests
{
    private static readonly Dictionary<string, string> OfCoreDns = new(StringComparer.Ordinal)
    {
        ["coredns_acl_allowed_requests_total"] = "server view",
        ["coredns_acl_blocked_requests_total"] = "server view zone",
        ["coredns_acl_dropped_requests_total"] = "server view zone",
        ["coredns_acl_filtered_requests_total"] = "server view zone",
        ["coredns_autopath_success_total"] = "server",
        ["coredns_build_info"] = "goversion revision version",
        ["coredns_cache_drops_total"] = "server view zones",
        ["coredns_cache_entries"] = "server type view zones",
        ["coredns_cache_evictions_total"] = "server type view zones",
        ["coredns_cache_hits_total"] = "server type view zones",
        ["coredns_cache_misses_total"] = "server view zones",
        ["coredns_cache_prefetch_total"] = "server view zones",
        ["coredns_cache_requests_total"] = "server view zones",
        ["coredns_cache_served_stale_total"] = "server view zones",
        ["coredns_dns64_requests_translated_total"] = "server",
        ["coredns_dns_do_requests_total"] = "server view zone",
        ["coredns_dns_request_duration_seconds"] = "server view zone",
        ["coredns_dns_request_size_bytes"] = "proto server view zone",
        ["coredns_dns_requests_total"] = "family proto server type view zone",
        ["coredns_dns_response_size_bytes"] = "proto server view zone",
        ["coredns_dns_responses_total"] = "plugin rcode server view zone",
        ["coredns_forward_healthcheck_broken_total"] = "",
        ["coredns_forward_max_concurrent_rejects_total"] = "",
        ["coredns_hosts_entries"] = "hostsfile",
        ["coredns_hosts_reload_timestamp_seconds"] = "",
        ["coredns_local_localhost_requests_total"] = "",
        ["coredns_panics_total"] = "",
        ["coredns_plugin_enabled"] = "name server view zone",
        ["coredns_proxy_conn_cache_hits_total"] = "proto proxy_name to",
        ["coredns_proxy_conn_cache_misses_total"] = "proto proxy_name to",
        ["coredns_proxy_healthcheck_failures_total"] = "proxy_name to",
        ["coredns_template_matches_total"] = "class server type view zone",
    };

    [Fact]
    public async Task Names_and_labels_are_those_of_CoreDNS()
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "search example.com\n");
            await using PluginHarness harness = await PluginHarness.Corefile($$"""
                .:0 {
                    view inside {
                        expr true
                    }
                    prometheus localhost:0
                    local
                    dns64
                    autopath {{path}}
                    acl {
                        block net 192.0.2.0/24
                    }
                    cache
                    template IN TXT example.org {
                        answer "{{"{{.Name}}"}} 60 IN TXT hello"
                    }
                    hosts {
                        192.0.2.1 a.example
                        fallthrough
                    }
                    forward . 127.0.0.1:1
                }
                """).StartAsync();
            harness.Chain.Ask("www.example.org.", DnsRecordType.TXT, dnssecOk: true);
            MetricSeries[] all = [.. harness.Metrics.Snapshot().Where(s => s.Name.StartsWith("coredns_", StringComparison.Ordinal))];
            Assert.Equal(OfCoreDns.Keys.Order(StringComparer.Ordinal), all.Select(s => s.Name).Distinct(StringComparer.Ordinal));
            Assert.All(all, series => Assert.Equal(OfCoreDns[series.Name], string.Join(' ', series.Labels.Select(l => l.Key).Order(StringComparer.Ordinal))));
            Assert.Equal(1, Read(all, "coredns_cache_requests_total", ("server", "dns://:0"), ("view", "inside"), ("zones", ".")));
            Assert.Equal(1, Read(all, "coredns_acl_allowed_requests_total", ("server", "dns://:0"), ("view", "inside")));
            Assert.All(all, series => Assert.True(series.Labels.All(l => l.Key != "server" || l.Value == "dns://:0"), series.ToString()));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Addresses_are_counted_apart()
    {
        PluginHarness harness = PluginHarness.Corefile(".:0 .:1 {\n acl {\n  filter net 127.0.0.1\n }\n cache\n whoami\n}\n");
        harness.Chain.Ask("www.example.org.", DnsRecordType.TXT);
        MetricSeries[] all = [.. harness.Metrics.Snapshot()];
        Assert.Equal(1, Read(all, "coredns_acl_filtered_requests_total", ("server", "dns://:0"), ("zone", "."), ("view", "")));
        Assert.Equal(0, Read(all, "coredns_acl_filtered_requests_total", ("server", "dns://:1"), ("zone", "."), ("view", "")));
        Assert.Equal(0, Read(all, "coredns_cache_requests_total", ("server", "dns://:1"), ("view", ""), ("zones", ".")));
    }

    private static double Read(MetricSeries[] all, string name, params (string Key, string Value)[] labels) =>
        all.Single(s => s.Name == name && labels.All(l => s.Labels.Contains(new(l.Key, l.Value)))).Read();
}
