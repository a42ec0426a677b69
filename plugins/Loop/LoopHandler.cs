using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loop;

/// <summary>Sees probes that come back, and does not send them round again.</summary>
internal sealed class LoopHandler(LoopWatch watch, IDnsHandler next) : IDnsHandler
{
    // RFC 8914 §4.1.
    private const ushort OtherError = 0;

    private static readonly DnsFailure Looping = new(DnsResponseCode.ServerFailure, "the query went round a forwarding loop");

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) =>
        watch.IsWatching && query.Type == DnsRecordType.HINFO && watch.Recognize(query)
            ? new ValueTask<DnsOutcome>(Fail(query))
            : next.HandleAsync(query);

    private static DnsOutcome Fail(DnsQuery query)
    {
        DnsOutcome outcome = query.Fail(Looping);
        query.Response.AddExtendedError(OtherError, "forwarding loop"u8);
        return outcome;
    }
}
