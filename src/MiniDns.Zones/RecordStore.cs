using System.Runtime.InteropServices;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>The records of a zone that is being built, in chunks of octets; those of one name are a linked list.</summary>
/// <remarks>A record: next 4, TTL 4, line 4, type 2, rdata length 2, file 2, column 2, rdata. A reference is chunk and offset in units of four.</remarks>
internal sealed class RecordStore
{
    private const int HeaderSize = 20;
    private const int ChunkSize = 1 << 20;
    private const int OffsetBits = 18;
    private const int FirstChunkSize = 4096;

    private readonly List<byte[]> _chunks = [];
    private byte[] _current = [];
    private int _used;

    /// <summary>Adds a record.</summary>
    /// <returns>Its reference.</returns>
    public int Add(DnsRecordType type, uint ttl, ReadOnlySpan<byte> rdata, int file, int line, int column)
    {
        int size = (HeaderSize + rdata.Length + 3) & ~3;
        if (_used + size > _current.Length)
        {
            _current = new byte[_chunks.Count == 0 ? Math.Max(FirstChunkSize, size) : ChunkSize];
            _chunks.Add(_current);
            _used = 0;
        }

        Span<byte> at = _current.AsSpan(_used, size);
        Put(at, -1);
        Put(at[4..], (int)ttl);
        Put(at[8..], line);
        Put(at[12..], (ushort)type);
        Put(at[14..], (ushort)rdata.Length);
        Put(at[16..], (ushort)file);
        Put(at[18..], (ushort)Math.Min(column, ushort.MaxValue));
        rdata.CopyTo(at[HeaderSize..]);
        int reference = ((_chunks.Count - 1) << OffsetBits) | (_used >> 2);
        _used += size;
        return reference;
    }

    /// <summary>Makes a record the next of another.</summary>
    public void Link(int record, int next) => Put(At(record), next);

    /// <summary>The next record of the same name, or -1.</summary>
    public int Next(int record) => MemoryMarshal.Read<int>(At(record));

    /// <summary>The TTL in seconds.</summary>
    public uint TtlOf(int record) => MemoryMarshal.Read<uint>(At(record)[4..]);

    /// <summary>The type.</summary>
    public DnsRecordType TypeOf(int record) => (DnsRecordType)MemoryMarshal.Read<ushort>(At(record)[12..]);

    /// <summary>The rdata.</summary>
    public ReadOnlySpan<byte> RdataOf(int record)
    {
        Span<byte> at = At(record);
        return at.Slice(HeaderSize, MemoryMarshal.Read<ushort>(at[14..]));
    }

    /// <summary>Where it was read.</summary>
    public (int File, int Line, int Column) PlaceOf(int record)
    {
        Span<byte> at = At(record);
        return (MemoryMarshal.Read<ushort>(at[16..]), MemoryMarshal.Read<int>(at[8..]), MemoryMarshal.Read<ushort>(at[18..]));
    }

    private static void Put(Span<byte> at, int value) => MemoryMarshal.Write(at, in value);

    private static void Put(Span<byte> at, ushort value) => MemoryMarshal.Write(at, in value);

    private Span<byte> At(int record) => _chunks[record >> OffsetBits].AsSpan((record & ((1 << OffsetBits) - 1)) << 2);
}
