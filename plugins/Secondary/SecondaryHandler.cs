using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>Answers from zones that were transferred; while there is nothing to answer from, says so.</summary>
internal sealed class SecondaryHandler(SecondaryZones zones, ZoneResponder responder) : IDnsHandler
{
    private static readonly DnsFailure NotTransferred = new(DnsResponseCode.ServerFailure, "the zone was not transferred yet");
    private static readonly DnsFailure Expired = new(DnsResponseCode.ServerFailure, "the zone has expired: its primaries have not confirmed it in time");

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (!zones.Zones.TryFind(query.LowerName, query.Type, out ServedZone? served))
        {
            return responder.PassOnAsync(query);
        }

        return served.Current is null && query.Type is not (DnsRecordType.AXFR or DnsRecordType.IXFR)
            ? new ValueTask<DnsOutcome>(Fail(query, served))
            : responder.HandleAsync(query, served);
    }

    private DnsOutcome Fail(DnsQuery query, ServedZone served)
    {
        bool isExpired = zones.TryGet(served.Origin, out SecondaryZone? zone) && zone.IsExpired;
        DnsOutcome outcome = query.Fail(isExpired ? Expired : NotTransferred);
        query.Response.AddExtendedError((ushort)(isExpired ? EdnsErrorCode.InvalidData : EdnsErrorCode.NotReady), default);
        return outcome;
    }
}
