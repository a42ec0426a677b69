using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Answers for the names of a cluster.</summary>
internal sealed class KubernetesHandler : IDnsHandler
{
    private static readonly DnsFailure NotSynchronised = new(DnsResponseCode.ServerFailure, "the cluster is not synchronised yet");

    private readonly KubernetesOptions _options;
    private readonly KubernetesCluster _cluster;
    private readonly KubernetesZones _zones;
    private readonly IQueryRunner _queries;
    private readonly IDnsHandler _next;

    /// <summary>Makes a handler.</summary>
    public KubernetesHandler(KubernetesOptions options, KubernetesCluster cluster, KubernetesZones zones, IQueryRunner queries, IDnsHandler next)
    {
        _options = options;
        _cluster = cluster;
        _queries = queries;
        _next = next;
        _zones = zones;
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Class != DnsRecordClass.IN || _zones.Find(query.LowerName) is not { } zone)
        {
            return _next.HandleAsync(query);
        }

        // Transfers are for the transfer plugin, which comes earlier in the chain.
        if (query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR)
        {
            return new ValueTask<DnsOutcome>(query.Refuse());
        }

        query.Response.SetEmpty(DnsResponseCode.NoError);
        ReadOnlySpan<byte> tail = AskedZone(query, zone);
        Finding finding = _cluster.Answers.Answer(query, zone, tail, out DnsName? target);
        bool isKnown = _cluster.Store.IsSynchronised;
        bool isStale = !isKnown && _cluster.Store.IsStale;
        switch (finding)
        {
            case Finding.Answered:
                query.Response.Flags |= DnsResponseFlags.Authoritative | (LosesAddresses(query) ? DnsResponseFlags.Truncated : 0);
                return new ValueTask<DnsOutcome>(Told(query, isStale, EdnsErrorCode.StaleAnswer));
            case Finding.Leaves:
                Told(query, isStale, EdnsErrorCode.StaleAnswer);
                return AliasTarget.AppendAsync(_queries, query, target!);
            case Finding.NoName when _options.Fallthrough.Covers(query.LowerName):
                if (isKnown)
                {
                    return _next.HandleAsync(query);
                }

                // The name may be one that was not seen yet: nobody else is asked for it, nor told of it.
                return new ValueTask<DnsOutcome>(FailUnknown(query, zone, tail));
            case Finding.NoName or Finding.NoDataYet when !isKnown && !isStale:
                return new ValueTask<DnsOutcome>(FailUnknown(query, zone, tail));
            default:
                Deny(query, zone, tail, finding == Finding.NoName ? DnsResponseCode.NameError : DnsResponseCode.NoError);
                return new ValueTask<DnsOutcome>(Told(query, isStale, finding == Finding.NoName ? EdnsErrorCode.StaleNxdomain : EdnsErrorCode.StaleAnswer));
        }
    }

    private DnsOutcome Told(DnsQuery query, bool isStale, EdnsErrorCode code)
    {
        if (isStale)
        {
            _cluster.StaleAnswers.Increment();
            query.Response.AddExtendedError((ushort)code, default);
        }

        return DnsOutcome.Replied;
    }

    /// <summary>True when the addresses of service records will not all fit: programs that find their peers by SRV records look at nothing else, so
    /// they are told to come again over TCP, as CoreDNS tells them.</summary>
    private static bool LosesAddresses(DnsQuery query)
    {
        if (query.Type != DnsRecordType.SRV || query.Transport != DnsTransport.Udp)
        {
            return false;
        }

        // a pointer for each owner of the answer; the first label and a pointer for each host
        int size = query.QuestionEnd + (query.Edns.IsPresent ? 11 : 0);
        foreach (ref readonly ResponseEntry entry in query.Response.Entries)
        {
            size += 12 + query.Response.RdataOf(entry).Length
                + (entry.Section == DnsSection.Additional ? query.Response.OwnerOf(entry).FirstLabel.Length + 1 : 0);
        }

        return size > query.MaxReplySize;
    }

    /// <summary>The zone's octets in the query's own case, in which the names of the answer then end.</summary>
    private static ReadOnlySpan<byte> AskedZone(DnsQuery query, KubernetesZone zone)
    {
        ReadOnlySpan<byte> asked = query.AskedName.Wire;
        return asked.Length >= zone.Length && query.AskedName.Equals(query.LowerName) ? asked[^zone.Length..] : zone.Name.Wire;
    }

    private DnsOutcome FailUnknown(DnsQuery query, KubernetesZone zone, ReadOnlySpan<byte> tail)
    {
        DnsOutcome outcome = query.Fail(NotSynchronised);
        AddSoa(query, zone, tail);
        query.Response.AddExtendedError((ushort)EdnsErrorCode.NotReady, default);
        return outcome;
    }

    private void Deny(DnsQuery query, KubernetesZone zone, ReadOnlySpan<byte> tail, DnsResponseCode code)
    {
        query.Response.Code = code;
        query.Response.Flags |= DnsResponseFlags.Authoritative;
        AddSoa(query, zone, tail);
    }

    private void AddSoa(DnsQuery query, KubernetesZone zone, ReadOnlySpan<byte> tail)
    {
        var budget = default(ResponseBudget);
        new RecordWriter(query.Response, tail, _options.Ttl, ref budget)
            .Soa(DnsSection.Authority, _options.NegativeTtl ?? Math.Min(_options.Ttl, 300), _cluster.SerialOf(zone), _options.SoaMinimum);
    }
}
