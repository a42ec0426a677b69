using MiniDns.Client;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Forward;

/// <summary>The counters of one upstream.</summary>
internal sealed class ForwardMeter : IUpstreamMeter
{
    private readonly StripedCounter[] _reused;
    private readonly StripedCounter[] _opened;
    private readonly StripedCounter[] _ignored;
    private readonly StripedCounter[] _full;

    public ForwardMeter(MetricRegistry metrics, string upstream)
    {
        _reused = Each(protocol => metrics.Counter(
            "coredns_proxy_conn_cache_hits_total",
            "Queries that went over a socket or connection that was open, per upstream and protocol.",
            ("proxy_name", "forward"), ("to", upstream), ("proto", protocol)));
        _opened = Each(protocol => metrics.Counter(
            "coredns_proxy_conn_cache_misses_total",
            "Queries that a socket or connection was opened for, per upstream and protocol.",
            ("proxy_name", "forward"), ("to", upstream), ("proto", protocol)));
        _ignored = Each(protocol => metrics.Counter(
            "minidns_forward_ignored_answers_total",
            "Messages from an upstream that answered no waiting query: another id, question or kind.",
            ("to", upstream), ("proto", protocol)));
        _full = Each(protocol => metrics.Counter(
            "minidns_forward_full_total",
            "Queries that were not sent because too many waited for the upstream.",
            ("to", upstream), ("proto", protocol)));
        HealthFailures = metrics.Counter(
            "coredns_proxy_healthcheck_failures_total",
            "Failed health checks per upstream.",
            ("proxy_name", "forward"), ("to", upstream));
    }

    public StripedCounter HealthFailures { get; }

    public void SocketReused(UpstreamProtocol protocol) => _reused[(int)protocol].Increment();

    public void SocketOpened(UpstreamProtocol protocol) => _opened[(int)protocol].Increment();

    public void AnswerIgnored(UpstreamProtocol protocol) => _ignored[(int)protocol].Increment();

    public void TableFull(UpstreamProtocol protocol) => _full[(int)protocol].Increment();

    private static StripedCounter[] Each(Func<string, StripedCounter> make) => [make("udp"), make("tcp")];
}
