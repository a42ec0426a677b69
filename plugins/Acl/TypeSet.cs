using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Acl;

/// <summary>A set of record types: one bit for each up to the highest one.</summary>
internal sealed class TypeSet
{
    private readonly ulong[] _bits;

    /// <summary>Makes a set.</summary>
    public TypeSet(IReadOnlyCollection<DnsRecordType> types)
    {
        _bits = new ulong[types.Count == 0 ? 0 : ((int)types.Max() / 64) + 1];
        foreach (DnsRecordType type in types)
        {
            _bits[(int)type / 64] |= 1ul << ((int)type % 64);
        }
    }

    /// <summary>True when a type is in the set.</summary>
    public bool Contains(DnsRecordType type) => (int)type / 64 < _bits.Length && (_bits[(int)type / 64] >> ((int)type % 64) & 1) != 0;
}
