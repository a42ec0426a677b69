using Microsoft.Extensions.Logging;
using MiniDns.Client;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;

namespace MiniDns.Plugins.Forward;

/// <summary>The counters of one upstream.</summary>
internal sealed class ForwardMeter : IUpstreamMeter
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(1);

    // The codes that a header can hold.
    private const int Codes = 16;

    private readonly StripedCounter[] _reused;
    private readonly StripedCounter[] _opened;
    private readonly StripedCounter[] _ignored;
    private readonly StripedCounter[] _full;
    private readonly StripedCounter[] _handshakes;
    private readonly StripedCounter[] _doubted;
    private readonly StripedHistogram?[] _durations = new StripedHistogram?[Codes + 1];
    private readonly MetricRegistry _metrics;
    private readonly double _seconds;
    private readonly string _upstream;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _reporting = new();
    private string? _reported;
    private long _reportedAt;

    public ForwardMeter(MetricRegistry metrics, string upstream, UpstreamScheme scheme, TimeProvider time, ILogger logger)
    {
        _metrics = metrics;
        _seconds = 1.0 / time.TimestampFrequency;
        _upstream = upstream;
        _time = time;
        _logger = logger;
        StripedCounter[] Each(Func<string, StripedCounter> make)
        {
            // By number of the protocol; an upstream that is talked to in secret never uses the plain ones.
            StripedCounter none = new();
            return scheme switch
            {
                UpstreamScheme.Tls => [none, none, make("tcp-tls"), none],
                UpstreamScheme.Https => [none, none, none, make("https")],
                _ => [make("udp"), make("tcp"), none, none],
            };
        }

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
        _handshakes = scheme == UpstreamScheme.Dns ? [] : Each(protocol => metrics.Counter(
            "minidns_forward_handshake_failures_total",
            "Connections that were given up because the upstream's certificate was not good enough, or TLS failed.",
            ("to", upstream), ("proto", protocol)));
        StripedCounter Doubted(string reason) => metrics.Counter(
            "minidns_forward_doubted_answers_total",
            "Answers over UDP that were not believed, so that TCP was asked instead: the name's case was not kept, or the cookie was missing.",
            ("to", upstream), ("reason", reason));
        _doubted = scheme == UpstreamScheme.Dns ? [new StripedCounter(), Doubted("case"), Doubted("cookie")] : [];
        Extras = metrics.Counter(
            "minidns_forward_extra_queries_total",
            "Queries that were sent to an upstream although another one, or an earlier try, might still have answered.",
            ("to", upstream));
        HealthFailures = metrics.Counter(
            "coredns_proxy_healthcheck_failures_total",
            "Failed health checks per upstream.",
            ("proxy_name", "forward"), ("to", upstream));
    }

    public StripedCounter HealthFailures { get; }

    /// <summary>Queries that were sent to this upstream although another one had them already.</summary>
    public StripedCounter Extras { get; }

    /// <summary>Shows how an upstream does. A later upstream of the same address takes the gauges over.</summary>
    public void Publish(ForwardUpstream upstream)
    {
        _metrics.Gauge(
            "minidns_forward_upstream_up",
            "1 while an upstream is believed to work, 0 while it is down, does not answer or is not asked because it loops.",
            () => upstream.IsOff || upstream.IsDown || upstream.State.IsSilent ? 0 : 1,
            ("to", _upstream));
        _metrics.Gauge(
            "minidns_forward_rtt_seconds",
            "The smoothed round trip time of an upstream, in seconds.",
            () => upstream.State.SmoothedSeconds,
            ("to", _upstream));
        _metrics.Gauge(
            "minidns_forward_rtt_p95_seconds",
            "The time within which nineteen of twenty answers of an upstream come, in seconds.",
            () => upstream.State.Percentile95Seconds,
            ("to", _upstream));
    }

    /// <summary>Shows the upstream no more.</summary>
    public void Withdraw()
    {
        _metrics.Remove("minidns_forward_upstream_up", ("to", _upstream));
        _metrics.Remove("minidns_forward_rtt_seconds", ("to", _upstream));
        _metrics.Remove("minidns_forward_rtt_p95_seconds", ("to", _upstream));
    }

    /// <summary>Counts an answer and how long it took, in ticks of the clock's timestamps.</summary>
    public void Answered(DnsResponseCode code, long ticks)
    {
        int index = Math.Min((int)code, Codes);
        (_durations[index] ??= Durations(code)).Observe(ticks * _seconds);
    }

    public void SocketReused(UpstreamProtocol protocol) => _reused[(int)protocol].Increment();

    public void SocketOpened(UpstreamProtocol protocol) => _opened[(int)protocol].Increment();

    public void AnswerIgnored(UpstreamProtocol protocol) => _ignored[(int)protocol].Increment();

    public void TableFull(UpstreamProtocol protocol) => _full[(int)protocol].Increment();

    public void AnswerDoubted(AnswerDoubt doubt) => _doubted[(int)doubt].Increment();

    public void ProtectionGivenUp(AnswerDoubt protection)
    {
        if (protection == AnswerDoubt.Case)
        {
            _logger.CaseNotKept(_upstream);
        }
        else
        {
            _logger.CookiesLost(_upstream);
        }
    }

    public void HandshakeFailed(UpstreamProtocol protocol, string reason)
    {
        _handshakes[(int)protocol].Increment();
        lock (_reporting)
        {
            // The same reason again is no news for a while.
            if (reason == _reported && _time.GetElapsedTime(_reportedAt) < RepeatAfter)
            {
                return;
            }

            _reported = reason;
            _reportedAt = _time.GetTimestamp();
        }

        _logger.HandshakeFailed(_upstream, reason);
    }

    private StripedHistogram Durations(DnsResponseCode code) => _metrics.Histogram(
        "coredns_proxy_request_duration_seconds",
        "How long an upstream took to answer, in seconds, per upstream and code.",
        MetricBuckets.Seconds,
        ("proxy_name", "forward"), ("to", _upstream), ("rcode", DnsResponseCodeText.Format(code)));
}
