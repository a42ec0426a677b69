using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Dnssec;

/// <summary>Finds out, when a name is said to have no DS record, whether another zone begins there.</summary>
/// <remarks>The denial itself does not tell. To call every name a delegation without DS would be a proof, good for eight days, that
/// whatever somebody says about that name needs no signature.</remarks>
internal sealed class DelegationHandler(IDnsHandler next, SignedZones zones, IQueryRunner queries, QuerySlot<bool> isDelegation) : IDnsHandler
{
    private static readonly DnsFailure Unknown = new(DnsResponseCode.ServerFailure, "dnssec: cannot find out whether the name is a delegation");

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) =>
        query.Type == DnsRecordType.DS && query.DnssecOk && zones.Find(query.LowerName, DnsRecordType.DS) is not null && zones.KeysAt(query.LowerName) is null
            ? LookAsync(query)
            : next.HandleAsync(query);

    private async ValueTask<DnsOutcome> LookAsync(DnsQuery query)
    {
        DnsOutcome outcome = await next.HandleAsync(query).ConfigureAwait(false);
        if (outcome != DnsOutcome.Replied || !IsDenial(query.Response))
        {
            return outcome;
        }

        DnsQuery question = queries.Rent(query, query.LowerName, DnsRecordType.NS);
        outcome = await queries.RunAsync(question).ConfigureAwait(false);
        bool isKnown = outcome == DnsOutcome.Replied && question.Response.TryMaterialize()
            && question.Response.Code is DnsResponseCode.NoError or DnsResponseCode.NameError;
        query.Slot(isDelegation) = isKnown && HasNameServers(question.Response, query.LowerName);
        queries.Return(question);
        return isKnown ? DnsOutcome.Replied : outcome == DnsOutcome.Dropped ? outcome : query.Fail(Unknown);
    }

    private static bool IsDenial(DnsResponse response)
    {
        if (response.Code != DnsResponseCode.NoError || !response.TryMaterialize())
        {
            return false;
        }

        bool hasSoa = false;
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer || entry.Type is DnsRecordType.NSEC or DnsRecordType.NSEC3)
            {
                return false;
            }

            hasSoa |= entry.Section == DnsSection.Authority && entry.Type == DnsRecordType.SOA;
        }

        return hasSoa;
    }

    /// <summary>True when the name has NS records, whether this server has its zone (answer) or not (authority).</summary>
    private static bool HasNameServers(DnsResponse response, DnsNameView name)
    {
        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Type == DnsRecordType.NS && entry.Section != DnsSection.Additional && response.OwnerOf(entry).Equals(name))
            {
                return true;
            }
        }

        return false;
    }
}
