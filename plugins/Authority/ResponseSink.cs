using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Zones;

namespace MiniDns.Plugins.Authority;

/// <summary>Puts what a lookup finds into a response, by reference.</summary>
internal readonly struct ResponseSink(DnsResponse response) : IAnswerSink
{
    /// <inheritdoc/>
    public void Add(DnsSection section, in RRsetView records) => response.Add(section, records);

    /// <inheritdoc/>
    public void Add(DnsSection section, in RRsetView records, uint ttl) => response.Add(section, records, ttl);

    /// <inheritdoc/>
    public void Add(DnsSection section, in RRsetView records, DnsNameView owner) => response.Add(section, records, owner);

    /// <inheritdoc/>
    public void AddCname(DnsNameView owner, DnsRecordClass @class, uint ttl, DnsNameView target) =>
        response.AddSynthesized(DnsSection.Answer, owner, DnsRecordType.CNAME, @class, ttl, target.Wire);
}
