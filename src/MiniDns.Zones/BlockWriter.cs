using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Writes the blocks of a zone, or of what is new in a version of it, from what a builder has collected: one for each name (<see cref="ZoneNode"/>).</summary>
internal sealed class BlockWriter
{
    private const int PairwiseLimit = 16;

    private readonly ZoneBuilder _builder;
    private readonly RecordChecker _checker;
    private readonly RecordStore _records;
    private readonly INodeNumbers _numbers;
    private readonly int _firstChunk;
    private readonly List<byte[]> _chunks = [];
    private readonly List<int> _links = [];
    private byte[] _chunk = [];              // the chunk being filled
    private int _used;
    private byte[] _block = new byte[1024];  // the block being written
    private int _length;
    private ulong[] _keys = new ulong[16];   // type, whether it is a signature, and place in _list: sorted, they group the records
    private int[] _list = new int[16];

    /// <summary>Starts.</summary>
    /// <param name="builder">What is collected.</param>
    /// <param name="checker">Checks the names.</param>
    /// <param name="numbers">The numbers of nodes.</param>
    /// <param name="firstChunk">The number of the first chunk that is written.</param>
    public BlockWriter(ZoneBuilder builder, RecordChecker checker, INodeNumbers numbers, int firstChunk)
    {
        _builder = builder;
        _checker = checker;
        _records = builder.Records;
        _numbers = numbers;
        _firstChunk = firstChunk;
    }

    /// <summary>Writes all blocks.</summary>
    /// <returns>Where each is.</returns>
    public Pages<uint> WriteAll()
    {
        int count = _builder.Names.Count;
        var references = Pages<uint>.Make(count);
        for (int node = 0; node < count; node++)
        {
            references.At(node) = Write(node);
        }

        if (_builder.Names.Count == count)
        {
            return references;
        }

        // Phantoms have come to the names while blocks were written.
        PageEditor<uint> editor = references.Edit();
        editor.Grow(_builder.Names.Count);
        for (int node = count; node < _builder.Names.Count; node++)
        {
            editor[node] = Write(node);
        }

        return editor.ToPages();
    }

    /// <summary>Writes the block of a node.</summary>
    /// <returns>Where it is.</returns>
    public uint Write(int node)
    {
        WriteBlock(node);
        return Keep(_numbers.ChildrenOf(node));
    }

    /// <summary>Writes the block of a node again with what is new around it, its records as they are.</summary>
    /// <returns>Where it is.</returns>
    public uint Copy(int node, in ZoneNode old)
    {
        ReadOnlySpan<byte> block = old.Block;
        _length = 0;
        Reserve(block.Length);
        block.CopyTo(_block);
        _length = block.Length;
        WriteHeader(node);
        return Keep(_numbers.ChildrenOf(node));
    }

    /// <summary>Hands the chunks over, the last one cut to size.</summary>
    public byte[][] TakeChunks()
    {
        if (_used > 0)
        {
            _chunks.Add(_used == _chunk.Length ? _chunk : _chunk[.._used]);
            _used = 0;
        }

        return [.. _chunks];
    }

    private void WriteBlock(int id)
    {
        ref NameEntry entry = ref _builder.Names[id];
        DnsNameView name = _numbers.NameOf(id);
        int count = Collect(entry.FirstRecord);
        int types = CountTypes(count);
        if (types == 0)
        {
            entry.Traits |= NodeTraits.Empty;
        }

        int directory = ZoneNode.DirectoryAt(name.Length);
        _length = 0;
        Reserve(directory + (types * ZoneNode.EntrySize));
        _block.AsSpan(0, directory).Clear();
        WriteHeader(id);
        PutShort(14, types);
        _block[ZoneNode.NameLengthAt] = (byte)name.Length;
        name.Wire.CopyTo(_block.AsSpan(ZoneNode.NameLengthAt + 1));
        _length = directory + (types * ZoneNode.EntrySize);
        for (int i = 0; i < count;)
        {
            var type = (DnsRecordType)(_keys[i] >> 33);
            int start = _length;
            int records = WriteSet(id, type, type, ref i, count, isSignature: false);
            int length = _length - start;
            int signatures = WriteSet(id, type, DnsRecordType.RRSIG, ref i, count, isSignature: true);
            int signatureLength = _length - start - length;
            Reserve(3);
            while ((_length & 3) != 0)
            {
                _block[_length++] = 0;
            }

            int links = records > 0 ? WriteLinks(id, type, start, length) : 0;
            PutShort(directory, (int)type);
            PutShort(directory + 2, records);
            Put(directory + 4, length);
            Put(directory + 8, signatureLength);
            PutShort(directory + 12, signatures);
            PutShort(directory + 14, links);
            directory += ZoneNode.EntrySize;
        }

        if (types > 1)
        {
            _checker.CheckTypes(id, _keys.AsSpan(0, count));
        }
    }

    private void WriteHeader(int id)
    {
        ref NameEntry entry = ref _builder.Names[id];
        if (_numbers.ChildrenOf(id) > 0)
        {
            entry.Traits |= NodeTraits.Parent;
        }

        Put(0, _numbers.IdOf(id));
        Put(4, entry.Link < 0 ? -1 : _numbers.IdOf(entry.Link));
        Put(8, _numbers.WildcardOf(id));
        PutShort(12, (int)entry.Traits);
    }

    /// <summary>Lists a name's records in the order of their types, within a type in the order they came.</summary>
    private int Collect(int record)
    {
        int count = 0;
        for (; record >= 0; record = _records.Next(record))
        {
            if (count == _list.Length)
            {
                Array.Resize(ref _list, count * 2);
                Array.Resize(ref _keys, count * 2);
            }

            DnsRecordType type = _records.TypeOf(record);
            ulong key = type == DnsRecordType.RRSIG ? ((ulong)ZoneBuilder.CoveredBy(_records.RdataOf(record)) << 1) | 1 : (ulong)type << 1;
            _keys[count] = (key << 32) | (uint)count;
            _list[count++] = record;
        }

        if (count > 1)
        {
            Array.Sort(_keys, 0, count);
        }

        return count;
    }

    private int CountTypes(int count)
    {
        int types = 0;
        for (int i = 0; i < count; i++)
        {
            types += i == 0 || _keys[i] >> 33 != _keys[i - 1] >> 33 ? 1 : 0;
        }

        return types;
    }

    /// <summary>Writes the records, or the signatures, of a type.</summary>
    /// <returns>How many were written: duplicates are left out (RFC 2181 §5).</returns>
    private int WriteSet(int id, DnsRecordType type, DnsRecordType written, ref int i, int count, bool isSignature)
    {
        int start = i;
        ulong key = ((ulong)type << 1) | (isSignature ? 1u : 0u);
        while (i < count && _keys[i] >> 32 == key)
        {
            i++;
        }

        int size = i - start;
        if (size == 0)
        {
            return 0;
        }

        int first = _list[(uint)_keys[start]];
        uint ttl = _records.TtlOf(first);
        WriteRecord(written, ttl, _records.RdataOf(first));
        if (size == 1)
        {
            return 1;
        }

        HashSet<int>? duplicates = size > PairwiseLimit ? FindDuplicates(written, start, i) : null;
        int records = 1;
        bool isTtlMixed = false;
        for (int k = start + 1; k < i; k++)
        {
            int record = _list[(uint)_keys[k]];
            if (duplicates?.Contains(k) ?? IsDuplicate(written, start, k))
            {
                continue;
            }

            if (!isSignature && !isTtlMixed && _records.TtlOf(record) != ttl)
            {
                isTtlMixed = true;
                _checker.WarnOfTtl(id, type, ttl, record);
            }

            WriteRecord(written, ttl, _records.RdataOf(record));
            records++;
        }

        if (records > 1 || size > ushort.MaxValue)
        {
            _checker.CheckCount(id, written, records, _list[(uint)_keys[start + 1]]);
        }

        return records;
    }

    private void WriteRecord(DnsRecordType type, uint ttl, ReadOnlySpan<byte> rdata)
    {
        Reserve(RRset.RecordOverhead + rdata.Length);
        Span<byte> at = _block.AsSpan(_length);
        BinaryPrimitives.WriteUInt16BigEndian(at, 0xC00C);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(at[4..], (ushort)DnsRecordClass.IN);
        BinaryPrimitives.WriteUInt32BigEndian(at[6..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(at[10..], (ushort)rdata.Length);
        rdata.CopyTo(at[RRset.RecordOverhead..]);
        _length += RRset.RecordOverhead + rdata.Length;
    }

    private bool IsDuplicate(DnsRecordType type, int start, int k)
    {
        ReadOnlySpan<byte> rdata = _records.RdataOf(_list[(uint)_keys[k]]);
        for (int i = start; i < k; i++)
        {
            if (RdataWire.CompareCanonical(type, _records.RdataOf(_list[(uint)_keys[i]]), rdata) == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The places in a large set that repeat an earlier one.</summary>
    private HashSet<int> FindDuplicates(DnsRecordType type, int start, int end)
    {
        int[] places = [.. Enumerable.Range(start, end - start)];
        Array.Sort(places, (a, b) =>
        {
            int difference = RdataWire.CompareCanonical(type, _records.RdataOf(_list[(uint)_keys[a]]), _records.RdataOf(_list[(uint)_keys[b]]));
            return difference != 0 ? difference : a - b;
        });
        HashSet<int> duplicates = [];
        for (int i = 1; i < places.Length; i++)
        {
            if (RdataWire.CompareCanonical(type, _records.RdataOf(_list[(uint)_keys[places[i - 1]]]), _records.RdataOf(_list[(uint)_keys[places[i]]])) == 0)
            {
                duplicates.Add(places[i]);
            }
        }

        return duplicates;
    }

    /// <summary>Writes which nodes may have addresses of a set's targets, now or when they come to have some.</summary>
    private int WriteLinks(int id, DnsRecordType type, int body, int length)
    {
        int targetAt = type switch
        {
            DnsRecordType.NS => 0,
            DnsRecordType.MX or DnsRecordType.SVCB or DnsRecordType.HTTPS => 2,
            DnsRecordType.SRV => 6,
            _ => -1,
        };
        if (targetAt < 0)
        {
            return 0;
        }

        _links.Clear();
        for (int at = body; at < body + length;)
        {
            int rdata = BinaryPrimitives.ReadUInt16BigEndian(_block.AsSpan(at + 10));
            DnsNameView.TryRead(_block.AsSpan(at + RRset.RecordOverhead + targetAt, rdata - targetAt), out DnsNameView target);
            at += RRset.RecordOverhead + rdata;

            // RFC 9460 §2.5.2: in service mode "." is the owner itself
            bool isOwner = target.IsRoot && type is DnsRecordType.SVCB or DnsRecordType.HTTPS;
            int node = isOwner ? (_builder.Names.NameAt(id).IsWildcard ? -1 : _numbers.IdOf(id))
                : target.IsSubdomainOf(_builder.Origin.View) ? _numbers.LinkTo(target) : -1;
            if (node >= 0 && !_links.Contains(node))
            {
                _links.Add(node);
            }
        }

        Reserve(_links.Count * sizeof(int));
        foreach (int link in _links)
        {
            Put(_length, link);
            _length += sizeof(int);
        }

        return _links.Count;
    }

    /// <summary>Moves the block into a chunk, the number of children in front of it.</summary>
    private uint Keep(int children)
    {
        int before = children > 0 ? sizeof(int) : 0;
        if (before + _length > Zone.ChunkSize)
        {
            // The chunk being filled is not yet in the list; the large block takes the place before it.
            TakeCurrent();
            byte[] large = new byte[before + _length];
            _chunks.Add(large);
            Put(large, children, before);
            return Zone.Reference(_firstChunk + _chunks.Count - 1, before);
        }

        if (_used + before + _length > _chunk.Length)
        {
            if (_chunk.Length < Zone.ChunkSize && _used + before + _length <= Zone.ChunkSize)
            {
                Array.Resize(ref _chunk, Math.Min(Zone.ChunkSize, Math.Max(_chunk.Length * 4, _used + before + _length + 1024)));
            }
            else
            {
                TakeCurrent();
                _chunk = new byte[Zone.ChunkSize];
            }
        }

        Put(_chunk.AsSpan(_used), children, before);
        _used += before + _length;
        return Zone.Reference(_firstChunk + _chunks.Count, _used - _length);
    }

    private void Put(Span<byte> at, int children, int before)
    {
        if (before > 0)
        {
            MemoryMarshal.Write(at, in children);
        }

        _block.AsSpan(0, _length).CopyTo(at[before..]);
    }

    private void TakeCurrent()
    {
        if (_used > 0)
        {
            _chunks.Add(_used == _chunk.Length ? _chunk : _chunk[.._used]);
            _chunk = [];
            _used = 0;
        }
    }

    private void Reserve(int octets)
    {
        if (_length + octets > _block.Length)
        {
            Array.Resize(ref _block, Math.Max(_block.Length * 2, _length + octets));
        }
    }

    private void Put(int at, int value) => MemoryMarshal.Write(_block.AsSpan(at), in value);

    private void PutShort(int at, int value)
    {
        ushort number = (ushort)value;
        MemoryMarshal.Write(_block.AsSpan(at), in number);
    }
}
