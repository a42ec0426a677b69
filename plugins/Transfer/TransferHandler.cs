using System.Buffers.Binary;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Transfer;

/// <summary>Answers AXFR (RFC 5936) and IXFR (RFC 1995) from the zones of the block's other plugins.</summary>
internal sealed class TransferHandler(TransferRules rules, TransferSources sources, TransferLedger ledger, IDnsHandler next) : IDnsHandler
{
    private const int OptSize = 11;

    private static readonly DnsFailure NoData = new(DnsResponseCode.ServerFailure, "the zone is not loaded, or has expired");
    private static readonly DnsFailure TooMany = new(DnsResponseCode.ServerFailure, "too many transfers at once");

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) =>
        query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR ? TransferAsync(query) : next.HandleAsync(query);

    private ValueTask<DnsOutcome> TransferAsync(DnsQuery query)
    {
        bool isStream = query.Transport is DnsTransport.Tcp or DnsTransport.Tls;
        if (!isStream && (query.Type == DnsRecordType.AXFR || query.Transport != DnsTransport.Udp))
        {
            // RFC 5936 §4.2: there is no AXFR over datagrams.
            return new ValueTask<DnsOutcome>(Refuse(query));
        }

        if (rules.Find(query.LowerName) is not { } rule)
        {
            return next.HandleAsync(query);
        }

        ClientAddress client = query.Client;
        if (!rule.Allows(client, query.Tsig?.Key?.Name))
        {
            return new ValueTask<DnsOutcome>(Refuse(query));
        }

        if (!sources.TryGetZone(query.LowerName, out ITransferZone? zone))
        {
            return PassOnAsync(query);
        }

        return new ValueTask<DnsOutcome>(
            zone is null ? query.Fail(NoData)
            : query.Type == DnsRecordType.AXFR ? SendZone(query, zone)
            : !TryReadSerial(query, out uint serial) ? query.Reply(DnsResponseCode.FormatError)
            : isStream ? SendDifferences(query, zone, serial) : SendDifferencesOverUdp(query, zone, serial));
    }

    private static void ReplySoa(DnsQuery query, ITransferZone zone)
    {
        query.Response.SetEmpty(DnsResponseCode.NoError);
        query.Response.Flags = DnsResponseFlags.Authoritative;
        query.Response.Add(DnsSection.Answer, zone.Soa);
    }

    /// <summary>The serial number of the version that the client has: that of the SOA record in the authority section (RFC 1995 §3).</summary>
    private static bool TryReadSerial(DnsQuery query, out uint serial)
    {
        Span<byte> rdata = stackalloc byte[1024];
        var reader = new DnsReader(query.Wire, query.QuestionEnd);
        for (int i = 0; i < query.Header.AnswerCount + query.Header.AuthorityCount && reader.TryReadRecord(out DnsRecordView record); i++)
        {
            if (i >= query.Header.AnswerCount
                && record.Type == DnsRecordType.SOA
                && RdataWire.TryExpand(query.Wire, record, rdata, out int length)
                && RdataWire.IsWellFormed(DnsRecordType.SOA, rdata[..length]))
            {
                serial = BinaryPrimitives.ReadUInt32BigEndian(rdata[(length - 20)..]);
                return true;
            }
        }

        serial = 0;
        return false;
    }

    /// <summary>Nobody in this block has the zone: what the rest of the chain does not claim, or refuses, is NOTAUTH (RFC 5936 §2.2.1).</summary>
    private async ValueTask<DnsOutcome> PassOnAsync(DnsQuery query)
    {
        DnsOutcome outcome = await next.HandleAsync(query).ConfigureAwait(false);
        bool isUnclaimed = outcome == DnsOutcome.Unclaimed || (outcome == DnsOutcome.Replied && query.Response.Code == DnsResponseCode.Refused);
        return isUnclaimed ? query.Reply(DnsResponseCode.NotAuthoritative) : outcome;
    }

    private DnsOutcome SendZone(DnsQuery query, ITransferZone zone) =>
        Send(query, new TransferMessages(zone, zone.OpenRecords(), isIncremental: false, query.Client, ledger));

    private DnsOutcome SendDifferences(DnsQuery query, ITransferZone zone, uint serial)
    {
        if (!SerialNumber.IsNewer(zone.Serial, serial))
        {
            ReplySoa(query, zone);
            ledger.SentSoa();
            return DnsOutcome.Replied;
        }

        return zone.OpenDifferences(serial) is { } differences
            ? Send(query, new TransferMessages(zone, differences, isIncremental: true, query.Client, ledger))
            : SendZone(query, zone);
    }

    /// <summary>Sends the differences when they fit into one datagram; else the SOA, which makes the client ask again over TCP (RFC 1995 §2).</summary>
    private DnsOutcome SendDifferencesOverUdp(DnsQuery query, ITransferZone zone, uint serial)
    {
        if (SerialNumber.IsNewer(zone.Serial, serial) && zone.OpenDifferences(serial) is { } differences)
        {
            var messages = new TransferMessages(zone, differences, isIncremental: true, query.Client, ledger: null);
            Span<byte> scratch = query.SendBuffer;
            int room = Math.Min(query.MaxReplySize, scratch.Length) - (query.Edns.IsPresent ? OptSize + query.Response.Options.Length : 0);
            if (messages.TryNext(query) && messages.IsDone && !messages.IsBroken && ResponseEncoder.TryEncodeForKeeping(query, scratch[..room], out _))
            {
                ledger.Finished(messages);
                return DnsOutcome.Replied;
            }
        }

        ReplySoa(query, zone);
        ledger.SentSoa();
        return DnsOutcome.Replied;
    }

    private DnsOutcome Send(DnsQuery query, TransferMessages messages)
    {
        messages.TryNext(query);
        if (!messages.IsDone)
        {
            if (!messages.TryEnlist())
            {
                ledger.Refused();
                return query.Fail(TooMany);
            }

            query.Continuation = messages;
        }

        return DnsOutcome.Replied;
    }

    private DnsOutcome Refuse(DnsQuery query)
    {
        ledger.Refused();
        return query.Refuse();
    }
}
