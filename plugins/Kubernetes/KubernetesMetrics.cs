using System.Collections.Concurrent;
using MiniDns.Cluster;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>The plugin's metrics, under CoreDNS's names.</summary>
internal sealed class KubernetesMetrics(MetricRegistry registry) : IClusterApiMeter
{
    // as client-go's and CoreDNS's buckets
    private static readonly double[] RequestBuckets = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512];
    private static readonly double[] ProgrammingBuckets =
        [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384, 32.768, 65.536, 131.072, 262.144, 524.288];

    private readonly ConcurrentDictionary<(string Host, string Method), StripedHistogram> _durations = new();
    private readonly ConcurrentDictionary<(string Host, string Method), StripedHistogram> _waits = new();
    private readonly ConcurrentDictionary<(string Host, string Method, string Code), StripedCounter> _requests = new();
    private readonly ConcurrentDictionary<string, StripedHistogram> _programming = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void RequestFinished(string host, string method, string code, TimeSpan duration)
    {
        _durations.GetOrAdd((host, method), key => registry.Histogram("coredns_kubernetes_rest_client_request_duration_seconds",
            "Request latency in seconds. Broken down by verb and host.", RequestBuckets, ("host", key.Host), ("verb", key.Method))).Observe(duration.TotalSeconds);
        _requests.GetOrAdd((host, method, code), key => registry.Counter("coredns_kubernetes_rest_client_requests_total",
            "Number of HTTP requests, partitioned by status code, method, and host.", ("code", key.Code), ("host", key.Host), ("method", key.Method))).Increment();
    }

    /// <inheritdoc/>
    public void RequestWaited(string host, string method, TimeSpan duration) =>
        _waits.GetOrAdd((host, method), key => registry.Histogram("coredns_kubernetes_rest_client_rate_limiter_duration_seconds",
            "Client side rate limiter latency in seconds. Broken down by verb and host.", RequestBuckets, ("host", key.Host), ("verb", key.Method))).Observe(duration.TotalSeconds);

    /// <inheritdoc/>
    public void AnswerSpoilt(string host, string resource, string kind) =>
        registry.Counter("minidns_kubernetes_spoilt_answers_total",
            "Answers of API servers that broke off (cut) or made no sense (malformed), and objects without a usable name (object).",
            ("host", host), ("kind", kind), ("resource", resource)).Increment();

    /// <summary>A change of endpoints became visible.</summary>
    /// <param name="kind">The kind of service: <c>cluster_ip</c>, <c>headless_with_selector</c>.</param>
    /// <param name="duration">The time since what the endpoints tell changed.</param>
    public void Programmed(string kind, TimeSpan duration) =>
        _programming.GetOrAdd(kind, key => registry.Histogram("coredns_kubernetes_dns_programming_duration_seconds",
            "Histogram of the time (in seconds) it took to program a dns instance.", ProgrammingBuckets, ("service_kind", key))).Observe(duration.TotalSeconds);
}
