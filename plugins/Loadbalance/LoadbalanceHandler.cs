using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>Changes the order of address and MX records in positive replies.</summary>
/// <remarks>
/// Nothing that is shared is changed: an RRset by reference gets an order to be sent in, a wire image is copied. Replies with
/// less than two such records pass untouched.
/// </remarks>
internal sealed class LoadbalanceHandler(IDnsHandler next, RecordOrder order) : WrappingHandler(next)
{
    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        DnsResponse response = query.Response;
        if (outcome != DnsOutcome.Replied
            || response.Code != DnsResponseCode.NoError
            || query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR)
        {
            return outcome;
        }

        WeightTable? weights = order.Weights;
        if (weights is not null && query.Type is not (DnsRecordType.A or DnsRecordType.AAAA or DnsRecordType.SRV))
        {
            return outcome;
        }

        if (response.Form == ResponseForm.Wire && (WireBalancer.TryBalance(response, order, weights) || !response.TryMaterialize()))
        {
            return outcome;
        }

        if (response.Form == ResponseForm.Records)
        {
            RecordBalancer.Balance(response, DnsSection.Answer, order, weights);
            RecordBalancer.Balance(response, DnsSection.Additional, order, weights);
        }

        return outcome;
    }
}
