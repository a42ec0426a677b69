using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>What one response has room for: in memory, and in the largest message. An RRset that a message cannot hold would be left out whole.</summary>
internal struct ResponseBudget
{
    private const int MaxMemory = DnsResponse.ArenaLimit - 8192;
    private const int MaxWire = 60_000;

    private int _memory;
    private int _wire;

    /// <summary>Takes what a record needs, if there is room.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="rdata">The rdata.</param>
    /// <param name="hasOwnOwner">False when the owner is the one of the record before: two octets in a message.</param>
    public bool TrySpend(scoped DnsNameView owner, scoped ReadOnlySpan<byte> rdata, bool hasOwnOwner)
    {
        int memory = _memory + owner.Length + rdata.Length;
        int wire = _wire + 12 + rdata.Length + (hasOwnOwner ? owner.FirstLabel.Length + 1 : 0);
        if (memory > MaxMemory || wire > MaxWire)
        {
            return false;
        }

        (_memory, _wire) = (memory, wire);
        return true;
    }
}
