using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Rpz;

/// <summary>What the records of one owner say. Immutable; owners whose records say the same share one.</summary>
internal sealed class PolicyRule
{
    /// <summary>The octets before a record's rdata: type, TTL, length.</summary>
    private const int RecordHead = 8;

    private readonly byte[] _form;

    /// <summary>Reads a rule's octets (<see cref="Form"/>).</summary>
    public PolicyRule(ReadOnlySpan<byte> form)
    {
        _form = form.ToArray();
        Action = (PolicyAction)form[0];
        foreach (Record record in this)
        {
            HasAlias |= record.Type == DnsRecordType.CNAME;
        }
    }

    /// <summary>What is done.</summary>
    public PolicyAction Action { get; }

    /// <summary>True when the local data is an alias.</summary>
    public bool HasAlias { get; }

    /// <summary>The action's octet and, for local data, the records: type, TTL, length, rdata. Two rules are the same when these are.</summary>
    public ReadOnlySpan<byte> Form => _form;

    /// <summary>The memory taken, about, in octets.</summary>
    public int Octets => _form.Length + 64;

    /// <summary>The rule of an action that has no records.</summary>
    public static PolicyRule Of(PolicyAction action) => new([(byte)action]);

    /// <summary>The rule that leads to another name.</summary>
    public static PolicyRule AliasTo(DnsName target, uint ttl) => new(With([(byte)PolicyAction.Local], DnsRecordType.CNAME, ttl, target.Wire));

    /// <summary>Octets of a rule with one more record.</summary>
    public static byte[] With(ReadOnlySpan<byte> form, DnsRecordType type, uint ttl, ReadOnlySpan<byte> rdata)
    {
        byte[] longer = new byte[form.Length + RecordHead + rdata.Length];
        form.CopyTo(longer);
        Span<byte> at = longer.AsSpan(form.Length);
        BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(at[2..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(at[6..], (ushort)rdata.Length);
        rdata.CopyTo(at[RecordHead..]);
        return longer;
    }

    /// <summary>Octets of a rule with a record less.</summary>
    /// <returns>Null when there is no such record.</returns>
    public byte[]? Without(DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        foreach (Record record in this)
        {
            if (record.Type == type && record.Rdata.SequenceEqual(rdata))
            {
                return [.. _form.AsSpan(0, record.At), .. _form.AsSpan(record.End)];
            }
        }

        return null;
    }

    /// <summary>True when there is such a record.</summary>
    public bool Has(DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        foreach (Record record in this)
        {
            if (record.Type == type && record.Rdata.SequenceEqual(rdata))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The local data's records.</summary>
    public Enumerator GetEnumerator() => new(_form);

    /// <summary>Goes through records.</summary>
    internal ref struct Enumerator(ReadOnlySpan<byte> form)
    {
        private readonly ReadOnlySpan<byte> _form = form;
        private int _at;
        private int _next = 1;

        /// <summary>The present record.</summary>
        public readonly Record Current => new(_form, _at);

        /// <summary>Goes to the next record.</summary>
        public bool MoveNext()
        {
            _at = _next;
            if (_at >= _form.Length)
            {
                return false;
            }

            _next = new Record(_form, _at).End;
            return true;
        }
    }

    /// <summary>A record of local data.</summary>
    internal readonly ref struct Record(ReadOnlySpan<byte> form, int at)
    {
        private readonly ReadOnlySpan<byte> _octets = form[at..];

        /// <summary>Where it starts in the rule's octets.</summary>
        public int At { get; } = at;

        /// <summary>Where it ends.</summary>
        public int End => At + RecordHead + BinaryPrimitives.ReadUInt16BigEndian(_octets[6..]);

        /// <summary>The type.</summary>
        public DnsRecordType Type => (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(_octets);

        /// <summary>The time to live, in seconds.</summary>
        public uint Ttl => BinaryPrimitives.ReadUInt32BigEndian(_octets[2..]);

        /// <summary>The rdata, names uncompressed.</summary>
        public ReadOnlySpan<byte> Rdata => _octets.Slice(RecordHead, BinaryPrimitives.ReadUInt16BigEndian(_octets[6..]));
    }
}
