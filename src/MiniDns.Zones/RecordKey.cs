using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Octets that are the same for the same record, whatever the case of its names and its TTL: owner, type, rdata in canonical form.</summary>
internal static class RecordKey
{
    /// <summary>The longest key, in octets.</summary>
    public const int MaxLength = DnsNameView.MaxLength + 2 + RdataWire.MaxLength;

    /// <summary>Compares keys, also without an array of their own.</summary>
    public static IEqualityComparer<byte[]> Comparer { get; } = new OctetComparer();

    /// <summary>Writes the key of a record.</summary>
    /// <returns>The octets written.</returns>
    public static int Write(DnsNameView owner, DnsRecordType type, ReadOnlySpan<byte> rdata, Span<byte> destination)
    {
        owner.CopyLowerTo(destination);
        int length = owner.Length;
        BinaryPrimitives.WriteUInt16BigEndian(destination[length..], (ushort)type);
        length += 2;
        if (!RdataWire.TryCanonicalize(type, rdata, destination[length..], out int octets))
        {
            rdata.CopyTo(destination[length..]);
            octets = rdata.Length;
        }

        return length + octets;
    }

    private sealed class OctetComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
