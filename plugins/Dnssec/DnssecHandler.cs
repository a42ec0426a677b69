using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Dnssec;

/// <summary>Answers for the keys, and has the replies to those signed that want DNSSEC.</summary>
internal sealed class DnssecHandler(IDnsHandler next, SignedZones zones, ReplySigner signer, DnssecMetrics metrics, QuerySlot<bool> isDelegation) : WrappingHandler(next)
{
    /// <inheritdoc/>
    protected override DnsOutcome? Before(DnsQuery query)
    {
        if (query.Type != DnsRecordType.DNSKEY || query.Class != DnsRecordClass.IN || zones.KeysAt(query.LowerName) is not { } keys)
        {
            return null;
        }

        query.Response.SetEmpty(DnsResponseCode.NoError);
        query.Response.Flags = DnsResponseFlags.Authoritative;
        query.Response.Add(DnsSection.Answer, keys);
        return query.DnssecOk ? After(query, DnsOutcome.Replied) : DnsOutcome.Replied;
    }

    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        DnsResponse response = query.Response;
        if (outcome == DnsOutcome.Replied
            && query.DnssecOk
            && query.Class == DnsRecordClass.IN
            && query.Type is not (DnsRecordType.AXFR or DnsRecordType.IXFR)
            && response.Code is DnsResponseCode.NoError or DnsResponseCode.NameError
            && (response.Flags & DnsResponseFlags.Truncated) == 0
            && zones.Find(query.LowerName) is not null
            && response.TryMaterialize()
            && response.Form == ResponseForm.Records)
        {
            signer.Sign(query, metrics.Of(query), query.Type == DnsRecordType.DS && query.Slot(isDelegation));
        }

        return outcome;
    }
}
