using System.Diagnostics;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Trace;

/// <summary>Chooses the queries that are traced, and hands their traces over when the reply is on its way.</summary>
/// <param name="next">The rest of the chain.</param>
/// <param name="sample">Chooses.</param>
/// <param name="queue">Takes the traces.</param>
/// <param name="time">The clock.</param>
internal sealed class TraceHandler(IDnsHandler next, EveryNth sample, TraceQueue queue, TimeProvider time) : IDnsHandler, IReplyObserver
{
    private const string RootName = "servedns";

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        // A question of the server's own is part of the trace of the query that it is for.
        if (query.Depth == 0 && sample.Next())
        {
            // What a client of HTTPS says of a trace is continued, but whether is ours to say: anybody may ask.
            bool isContinued = ActivityContext.TryParse(query.TraceParent, traceState: null, isRemote: true, out ActivityContext client);
            query.Spans = new TraceRecord(RootName, query.ReceivedAt, time, isContinued ? client : default);
            query.Span = 0;
            query.Observe(this);
        }

        return next.HandleAsync(query);
    }

    /// <inheritdoc/>
    public void Finished(DnsQuery query, int replyLength)
    {
        if (query.Spans is not TraceRecord record)
        {
            return;
        }

        record.Tag(0, "coredns.io/name", query.AskedName.ToName().ToLower().ToString());
        record.Tag(0, "coredns.io/type", DnsTypeText.Format((DnsRecordType)System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(query.AskedQuestion[^4..])));
        record.Tag(0, "coredns.io/proto", query.Transport is DnsTransport.Udp ? "udp" : "tcp");
        record.Tag(0, "coredns.io/remote", query.Client.ToIPAddress().ToString());
        if (replyLength > 0)
        {
            record.Tag(0, "coredns.io/rcode", DnsResponseCodeText.Format(query.Response.Code));
        }

        record.Finish(replyLength == 0 ? "no reply" : query.Failure?.Reason);
        queue.Add(record);
    }
}
