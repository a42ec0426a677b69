using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Prometheus;

/// <summary>What is counted of the queries for one zone at one server. Series come into being with the first query that they count.</summary>
internal sealed class ZoneMetrics
{
    private const int ProtocolCount = 2;
    private const int FamilyCount = 2;
    private const int CodeCount = 25;       // 0 to 23 have names; the rest share the last place

    private const string RequestsHelp = "Queries received.";
    private const string ResponsesHelp = "Responses sent.";

    private static readonly string[] Protocols = ["udp", "tcp"];

    private readonly MetricRegistry _registry;
    private readonly ServerEndpoint _server;
    private readonly DnsName _zone;
    private readonly (string, string)[] _labels;
    private readonly StripedHistogram _duration;
    private readonly StripedHistogram?[] _requestSize = new StripedHistogram?[ProtocolCount];
    private readonly StripedHistogram?[] _responseSize = new StripedHistogram?[ProtocolCount];
    private readonly StripedCounter?[] _requests = new StripedCounter?[ProtocolCount * FamilyCount * TypeLabels.Count];
    private readonly Lock _adding = new();
    private StripedCounter? _dnssecOk;
    private StripedCounter?[] _responses = [];

    /// <summary>Makes the metrics of a zone.</summary>
    /// <param name="registry">Keeps the series.</param>
    /// <param name="server">The server.</param>
    /// <param name="zone">The zone of the block.</param>
    /// <param name="zoneLabel">What the zone is called.</param>
    /// <param name="view">The block's view; empty when it has none.</param>
    public ZoneMetrics(MetricRegistry registry, ServerEndpoint server, DnsName zone, string zoneLabel, string view)
    {
        _registry = registry;
        _server = server;
        _zone = zone;
        _labels = [("server", server.Label), ("zone", zoneLabel), ("view", view)];
        _duration = registry.Histogram("coredns_dns_request_duration_seconds", "Time from a query's arrival to its reply.", MetricBuckets.Seconds, _labels);
    }

    /// <summary>True when this counts that server's queries for that zone.</summary>
    public bool IsOf(ServerEndpoint server, DnsName zone) =>
        ReferenceEquals(_server, server) && (ReferenceEquals(_zone, zone) || _zone.Equals(zone));

    /// <summary>Counts a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="replyLength">The reply's octets; 0 for none.</param>
    /// <param name="seconds">How long it took.</param>
    public void Count(DnsQuery query, int replyLength, double seconds)
    {
        int protocol = query.Transport == DnsTransport.Udp ? 0 : 1;
        int family = query.Client.IsIPv6 ? 1 : 0;
        int type = TypeLabels.IndexOf(query.QuestionEnd > DnsHeader.Size ? query.Type : default);
        int at = (((protocol * FamilyCount) + family) * TypeLabels.Count) + type;
        (_requests[at] ?? AddRequests(at, protocol, family, type)).Increment();
        if (query.DnssecOk)
        {
            (_dnssecOk ??= _registry.Counter("coredns_dns_do_requests_total", "Queries with the DO bit set.", _labels)).Increment();
        }

        _duration.Observe(seconds);
        (_requestSize[protocol] ??= Size("coredns_dns_request_size_bytes", "Octets of queries.", protocol)).Observe(query.WireLength);
        if (replyLength > 0)
        {
            (_responseSize[protocol] ??= Size("coredns_dns_response_size_bytes", "Octets of responses.", protocol)).Observe(replyLength);
            Responses(query).Increment();
        }
    }

    private StripedCounter AddRequests(int at, int protocol, int family, int type) => _requests[at] = _registry.Counter(
        "coredns_dns_requests_total",
        RequestsHelp,
        [.. _labels, ("proto", Protocols[protocol]), ("family", family == 0 ? "1" : "2"), ("type", TypeLabels.Of(type))]);

    private StripedHistogram Size(string name, string help, int protocol) =>
        _registry.Histogram(name, help, MetricBuckets.Octets, [.. _labels, ("proto", Protocols[protocol])]);

    private StripedCounter Responses(DnsQuery query)
    {
        int code = Math.Min((int)query.Response.Code, CodeCount - 1);
        PluginMark? plugin = query.Answerer;
        int at = ((plugin is null ? 0 : plugin.Index + 1) * CodeCount) + code;
        StripedCounter?[] responses = _responses;
        return (at < responses.Length ? responses[at] : null) ?? AddResponses(at, query.Response.Code, plugin?.Name ?? "");
    }

    private StripedCounter AddResponses(int at, DnsResponseCode code, string plugin)
    {
        lock (_adding)
        {
            if (at >= _responses.Length)
            {
                StripedCounter?[] larger = new StripedCounter?[(at / CodeCount * CodeCount) + CodeCount];
                _responses.CopyTo(larger, 0);
                Volatile.Write(ref _responses, larger);
            }

            return _responses[at] = _registry.Counter("coredns_dns_responses_total", ResponsesHelp, [.. _labels, ("rcode", DnsResponseCodeText.Format(code)), ("plugin", plugin)]);
        }
    }
}
