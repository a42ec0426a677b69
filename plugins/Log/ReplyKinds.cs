using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>Tells what a reply amounts to.</summary>
internal static class ReplyKinds
{
    /// <summary>The kind of a query's reply.</summary>
    public static ReplyKind Of(DnsQuery query, DnsOutcome outcome)
    {
        if (outcome == DnsOutcome.Dropped)
        {
            return ReplyKind.OtherError;
        }

        if (outcome == DnsOutcome.Unclaimed)
        {
            return ReplyKind.ServerError;
        }

        if (query.Type is DnsRecordType.AXFR or DnsRecordType.IXFR)
        {
            return ReplyKind.Meta;
        }

        DnsResponse response = query.Response;
        return response.Code switch
        {
            DnsResponseCode.NoError => OfSuccess(response),

            // A name with records that does not exist is a contradiction.
            DnsResponseCode.NameError => HasAnswer(response) ? ReplyKind.OtherError : ReplyKind.NameError,
            DnsResponseCode.ServerFailure or DnsResponseCode.NotImplemented => ReplyKind.ServerError,
            _ => ReplyKind.OtherError,
        };
    }

    /// <summary>The class of a kind.</summary>
    public static LogClasses ClassOf(ReplyKind kind) => kind switch
    {
        ReplyKind.NoError or ReplyKind.Delegation => LogClasses.Success,
        ReplyKind.NameError or ReplyKind.NoData => LogClasses.Denial,
        _ => LogClasses.Error,
    };

    /// <summary>The class's name.</summary>
    public static ReadOnlySpan<byte> TextOf(LogClasses @class) => @class switch
    {
        LogClasses.Success => "success"u8,
        LogClasses.Denial => "denial"u8,
        _ => "error"u8,
    };

    /// <summary>The kind's name.</summary>
    public static ReadOnlySpan<byte> TextOf(ReplyKind kind) => kind switch
    {
        ReplyKind.NoError => "NOERROR"u8,
        ReplyKind.NameError => "NXDOMAIN"u8,
        ReplyKind.ServerError => "SERVERERROR"u8,
        ReplyKind.NoData => "NODATA"u8,
        ReplyKind.Delegation => "DELEGATION"u8,
        ReplyKind.Meta => "META"u8,
        _ => "OTHERERROR"u8,
    };

    private static ReplyKind OfSuccess(DnsResponse response)
    {
        if (HasAnswer(response))
        {
            return ReplyKind.NoError;
        }

        bool isReferral = false;
        if (response.Form == ResponseForm.Records)
        {
            foreach (ref readonly ResponseEntry entry in response.Entries)
            {
                if (entry.Section == DnsSection.Authority && entry.Type == DnsRecordType.SOA)
                {
                    return ReplyKind.NoData;
                }

                isReferral |= entry.Section == DnsSection.Authority && entry.Type == DnsRecordType.NS;
            }
        }
        else if (response.Form == ResponseForm.Wire)
        {
            ReadOnlySpan<byte> message = response.WireMessage;
            DnsReader reader = new(message);
            int records = reader.TryReadQuestion(out _) && DnsHeader.TryRead(message, out DnsHeader header) ? header.AuthorityCount : 0;
            for (int i = 0; i < records && reader.TryReadRecord(out DnsRecordView record); i++)
            {
                if (record.Type == DnsRecordType.SOA)
                {
                    return ReplyKind.NoData;
                }

                isReferral |= record.Type == DnsRecordType.NS;
            }
        }

        return isReferral ? ReplyKind.Delegation : ReplyKind.NoError;
    }

    private static bool HasAnswer(DnsResponse response)
    {
        if (response.Form == ResponseForm.Wire)
        {
            return DnsHeader.TryRead(response.WireMessage, out DnsHeader header) && header.AnswerCount > 0;
        }

        foreach (ref readonly ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                return true;
            }
        }

        return false;
    }
}
