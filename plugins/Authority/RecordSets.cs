using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Authority;

/// <summary>Collects records into RRsets in the order of their first records, each record once (RFC 2181 §5).</summary>
internal sealed class RecordSets
{
    private readonly OrderedDictionary<(DnsName Owner, DnsRecordType Type), (uint Ttl, List<ReadOnlyMemory<byte>> Rdatas)> _sets = [];

    /// <summary>Adds a record. The TTL of an RRset is that of its first one.</summary>
    public void Add(DnsName owner, DnsRecordType type, uint ttl, byte[] rdata)
    {
        if (!_sets.TryGetValue((owner, type), out (uint Ttl, List<ReadOnlyMemory<byte>> Rdatas) set))
        {
            _sets.Add((owner, type), set = (ttl, []));
        }

        if (!set.Rdatas.Exists(r => r.Span.SequenceEqual(rdata)))
        {
            set.Rdatas.Add(rdata);
        }
    }

    /// <summary>The RRsets, of class IN.</summary>
    public List<RRset> ToList() => [.. _sets.Select(s => new RRset(s.Key.Owner, s.Key.Type, DnsRecordClass.IN, s.Value.Ttl, s.Value.Rdatas))];
}
