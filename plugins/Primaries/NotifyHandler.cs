using System.Buffers.Binary;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Primaries;

/// <summary>Takes primaries' notifications of changes (RFC 1996 §3.7 to §3.11).</summary>
internal sealed class NotifyHandler(INotifiedZones zones, TransferContext context, IDnsHandler next) : IDnsHandler
{
    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Type != DnsRecordType.SOA || query.Class != DnsRecordClass.IN || !zones.TryFind(query.LowerName, out INotifiedZone? zone))
        {
            return next.HandleAsync(query);
        }

        if (!zone.IsPrimary(query.Client) && !(query.Tsig?.Key is { } key && zone.IsPrimaryKey(key.Name)))
        {
            context.Meter.NotifyRefused.Increment();
            TransferLog.NotifyRefused(context.Logger, query.Client.ToString(), zone.Origin.ToString());
            return new ValueTask<DnsOutcome>(query.Refuse());
        }

        context.Meter.Notified.Increment();
        TransferLog.Notified(context.Logger, query.Client.ToString(), zone.Origin.ToString());
        zone.Notify(query.Client, ReadSerial(query));
        query.Reply(DnsResponseCode.NoError);
        query.Response.Flags = DnsResponseFlags.Authoritative;
        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    /// <summary>The serial number of the SOA record that a notification may hold.</summary>
    private static uint? ReadSerial(DnsQuery query)
    {
        var reader = new DnsReader(query.Wire, query.QuestionEnd);
        Span<byte> rdata = stackalloc byte[(2 * DnsNameView.MaxLength) + 20];
        return query.Header.AnswerCount == 1 && reader.TryReadRecord(out DnsRecordView record) && record.Type == DnsRecordType.SOA
            && RdataWire.TryExpand(query.Wire, record, rdata, out int length)
            ? BinaryPrimitives.ReadUInt32BigEndian(rdata[(length - 20)..])
            : null;
    }
}
