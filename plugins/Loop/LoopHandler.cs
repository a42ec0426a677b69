using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loop;

/// <summary>Sees probes that come back, and lets nothing through that would go round in circles.</summary>
internal sealed class LoopHandler(LoopWatch watch, IDnsHandler next) : IDnsHandler
{
    // RFC 8914 §4.1.
    private const ushort OtherError = 0;

    private static readonly DnsFailure Looping = new(DnsResponseCode.ServerFailure, "the query would go round a forwarding loop");

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        DnsName? probe = watch.Probe;
        if (probe is null && !watch.IsLooping)
        {
            return next.HandleAsync(query);
        }

        if (probe is not null && query.Type == DnsRecordType.HINFO && query.LowerName.Equals(probe.View))
        {
            if (query.Transport == DnsTransport.Internal)
            {
                return next.HandleAsync(query);
            }

            watch.Returned(query, probe);
        }

        return watch.IsLooping ? new ValueTask<DnsOutcome>(Fail(query)) : next.HandleAsync(query);
    }

    private static DnsOutcome Fail(DnsQuery query)
    {
        DnsOutcome outcome = query.Fail(Looping);
        query.Response.AddExtendedError(OtherError, "forwarding loop"u8);
        return outcome;
    }
}
