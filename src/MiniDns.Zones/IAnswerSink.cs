using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Takes the records of an answer as a lookup finds them.</summary>
/// <remarks>Implemented by a struct, so that handing a record over is a plain call.</remarks>
public interface IAnswerSink
{
    /// <summary>Takes an RRset.</summary>
    void Add(DnsSection section, in RRsetView records);

    /// <summary>Takes an RRset to be sent with another TTL, in seconds.</summary>
    void Add(DnsSection section, in RRsetView records, uint ttl);

    /// <summary>Takes an RRset to be sent under another owner (a wildcard's expansion, RFC 4592 §2.1).</summary>
    void Add(DnsSection section, in RRsetView records, DnsNameView owner);

    /// <summary>Takes a CNAME that a DNAME stands for (RFC 6672 §3.1).</summary>
    /// <param name="owner">The owner; good during the call.</param>
    /// <param name="class">The class.</param>
    /// <param name="ttl">The time to live, in seconds.</param>
    /// <param name="target">The target; good during the call.</param>
    void AddCname(DnsNameView owner, DnsRecordClass @class, uint ttl, DnsNameView target);
}
