using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Any;

/// <summary>Answers queries of type ANY with one synthesized HINFO record (RFC 8482 §4.2).</summary>
internal sealed class AnyHandler(IDnsHandler next) : IDnsHandler
{
    private const uint Ttl = 8482;

    /// <summary>Two character-strings: CPU and OS.</summary>
    private static ReadOnlySpan<byte> Rdata => "\u000dANY obsoleted\u000cSee RFC 8482"u8;

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Type != DnsRecordType.ANY)
        {
            return next.HandleAsync(query);
        }

        query.Response.AddSynthesized(DnsSection.Answer, query.AskedName, DnsRecordType.HINFO, query.Class, Ttl, Rdata);
        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }
}
