using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Local;

/// <summary>Answers for <c>localhost</c> and the reverse zones of local networks, so that such queries never leave the machine.</summary>
internal sealed class LocalHandler(IDnsHandler next, bool answerPrefix, StripedCounter localhostQueries, ILogger log) : IDnsHandler
{
    private static readonly DnsName Localhost = DnsName.Parse("localhost.");

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        DnsNameView name = query.LowerName;
        if (name.Length > Localhost.Length
            && (name.IsSubdomainOf(Localhost.View) || (answerPrefix && name.FirstLabel.SequenceEqual("localhost"u8))))
        {
            localhostQueries.Increment();
            if (log.IsEnabled(LogLevel.Debug))
            {
                LocalLog.Intercepted(log, name.ToString(), DnsTypeText.Format(query.Type), query.Client.ToIPAddress());
            }

            return new ValueTask<DnsOutcome>(Answer(query, LocalZones.Localhost, name));
        }

        foreach (LocalZone zone in LocalZones.All)
        {
            if (name.IsSubdomainOf(zone.Name.View))
            {
                return new ValueTask<DnsOutcome>(name.Length == zone.Name.Length ? Answer(query, zone, name) : AnswerBelow(query, zone, name));
            }
        }

        return next.HandleAsync(query);
    }

    private static DnsOutcome Answer(DnsQuery query, LocalZone zone, DnsNameView owner)
    {
        DnsResponse response = query.Response;
        response.SetEmpty(DnsResponseCode.NoError);

        // A name below localhost has addresses only; SOA and NS belong to the zone itself.
        bool isApex = owner.Length == zone.Name.Length;
        if (zone.Find(query.Type, isApex) is { } records)
        {
            response.Add(DnsSection.Answer, records, owner);
        }
        else
        {
            response.Add(DnsSection.Authority, zone.Soa, owner);
        }

        return DnsOutcome.Replied;
    }

    private static DnsOutcome AnswerBelow(DnsQuery query, LocalZone zone, DnsNameView name)
    {
        DnsResponse response = query.Response;
        RRset pointer = LocalZones.Pointer;
        response.SetEmpty(DnsResponseCode.NoError);
        if (name.Equals(pointer.Owner.View) && query.Type is DnsRecordType.PTR or DnsRecordType.ANY)
        {
            response.Add(DnsSection.Answer, pointer);
            return DnsOutcome.Replied;
        }

        // A name that has names below it exists, though it has no records (RFC 8020 §2).
        response.Code = pointer.Owner.View.IsSubdomainOf(name) ? DnsResponseCode.NoError : DnsResponseCode.NameError;
        response.Add(DnsSection.Authority, zone.Soa);
        return DnsOutcome.Replied;
    }
}
