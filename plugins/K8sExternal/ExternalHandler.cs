using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>Answers for the names that services have outside of their cluster.</summary>
internal sealed class ExternalHandler(ExternalOptions options, ExternalZones zones, ExternalAnswers answers, IQueryRunner queries, IDnsHandler next) : IDnsHandler
{
    private static readonly DnsFailure NotSynchronised = new(DnsResponseCode.ServerFailure, "the cluster is not synchronised yet");

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Class != DnsRecordClass.IN || zones.Find(query.LowerName) is not { } zone)
        {
            return next.HandleAsync(query);
        }

        // Transfers are for the transfer plugin, which comes earlier in the chain.
        if (query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR)
        {
            return new ValueTask<DnsOutcome>(query.Refuse());
        }

        query.Response.SetEmpty(DnsResponseCode.NoError);
        ExternalFinding finding = answers.Answer(query.Response, query.LowerName, query.Type, zone, out DnsName? target);
        bool isKnown = answers.IsSynchronised;
        bool isStale = !isKnown && answers.IsStale;
        if (finding == ExternalFinding.NoName)
        {
            if (!isKnown && !isStale)
            {
                // The name may be one that was not seen yet: nobody else is asked for it, nor told of it.
                DnsOutcome outcome = query.Fail(NotSynchronised);
                query.Response.AddExtendedError((ushort)EdnsErrorCode.NotReady, default);
                return new ValueTask<DnsOutcome>(outcome);
            }

            if (options.Fallthrough.Covers(query.LowerName))
            {
                return next.HandleAsync(query);
            }
        }

        query.Response.Flags |= DnsResponseFlags.Authoritative;
        if (finding is ExternalFinding.NoName or ExternalFinding.NoData)
        {
            query.Response.Code = finding == ExternalFinding.NoName ? DnsResponseCode.NameError : DnsResponseCode.NoError;
            new ExternalWriter(query.Response, options.Ttl).Soa(DnsSection.Authority, zone, answers.Serial);
        }

        if (isStale)
        {
            query.Response.AddExtendedError((ushort)(finding == ExternalFinding.NoName ? EdnsErrorCode.StaleNxdomain : EdnsErrorCode.StaleAnswer), default);
        }

        return finding == ExternalFinding.Leaves ? AliasTarget.AppendAsync(queries, query, target!) : new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }
}
