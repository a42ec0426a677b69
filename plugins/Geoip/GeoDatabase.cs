using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using MiniDns.Queries;

namespace MiniDns.Plugins.Geoip;

/// <summary>A file of the MaxMind DB format, version 2: a binary tree of address prefixes, and the records that its leaves stand for.</summary>
/// <remarks>Immutable: all of a file, in one array. (Mapping it into memory would save nothing that is used, and would end the process when the file is
/// cut short in place.)</remarks>
internal sealed class GeoDatabase
{
    private const int SeparatorLength = 16;
    private const int MarkerReach = 128 * 1024;
    private const int MaxListed = 16;
    private const int IPv4Bits = 32;
    private const int IPv6Bits = 128;

    private static int s_serial;

    private readonly byte[] _octets;
    private readonly int _recordBits;
    private readonly uint _nodes;
    private readonly bool _isIPv6;
    private readonly uint _firstIPv4;
    private readonly int _dataStart;
    private readonly int _dataEnd;

    private GeoDatabase(byte[] octets, string kind, long builtAt, int recordBits, uint nodes, bool isIPv6, int dataEnd)
    {
        _octets = octets;
        Kind = kind;
        BuiltAt = builtAt;
        _recordBits = recordBits;
        _nodes = nodes;
        _isIPv6 = isIPv6;
        _dataStart = (int)(nodes * (long)recordBits / 4) + SeparatorLength;
        _dataEnd = dataEnd;

        // IPv4 addresses lie below ::/96 of an IPv6 tree.
        for (int bit = 0; isIPv6 && bit < IPv6Bits - IPv4Bits && _firstIPv4 < nodes; bit++)
        {
            _firstIPv4 = Child(_firstIPv4, isRight: false);
        }
    }

    private static ReadOnlySpan<byte> Marker => [0xAB, 0xCD, 0xEF, (byte)'M', (byte)'a', (byte)'x', (byte)'M', (byte)'i', (byte)'n', (byte)'d', (byte)'.', (byte)'c', (byte)'o', (byte)'m'];

    /// <summary>What the file says it is: <c>GeoLite2-City</c>, <c>GeoLite2-ASN</c>.</summary>
    public string Kind { get; }

    /// <summary>Tells it from others of the process, so that nobody who found a record has to hold on to the whole; not 0.</summary>
    public int Serial { get; } = Interlocked.Increment(ref s_serial);

    /// <summary>When it was made, in seconds since 1970.</summary>
    public long BuiltAt { get; }

    /// <summary>How many octets it takes.</summary>
    public int Length => _octets.Length;

    private ReadOnlySpan<byte> Data => _octets.AsSpan(_dataStart.._dataEnd);

    /// <summary>Reads a file.</summary>
    /// <param name="octets">The whole of it; kept.</param>
    /// <param name="database">The database.</param>
    /// <param name="problem">What is wrong with it, when it is none.</param>
    public static bool TryRead(byte[] octets, [NotNullWhen(true)] out GeoDatabase? database, [NotNullWhen(false)] out string? problem)
    {
        database = null;
        int reach = Math.Max(0, octets.Length - MarkerReach);
        int marker = octets.AsSpan(reach).LastIndexOf(Marker);
        if (marker < 0)
        {
            problem = "it is no MaxMind DB file, or not whole";
            return false;
        }

        marker += reach;
        ReadOnlySpan<byte> metadata = octets.AsSpan(marker + Marker.Length);
        if (!TryReadNumber(metadata, "binary_format_major_version"u8, out ulong version) || !TryReadNumber(metadata, "node_count"u8, out ulong nodes)
            || !TryReadNumber(metadata, "record_size"u8, out ulong bits) || !TryReadNumber(metadata, "ip_version"u8, out ulong family))
        {
            problem = "what it says about itself cannot be read";
            return false;
        }

        if (version != 2 || bits is not (24 or 28 or 32) || family is not (4 or 6))
        {
            problem = $"it is of a format that is not known: version {version}, records of {bits} bits, IPv{family}";
            return false;
        }

        if (nodes > int.MaxValue || (nodes * bits / 4) + SeparatorLength > (ulong)marker)
        {
            problem = $"it is too short for its {nodes} nodes";
            return false;
        }

        TryReadNumber(metadata, "build_epoch"u8, out ulong builtAt);
        Span<byte> kind = stackalloc byte[64];
        var reader = new MmdbReader(metadata, 0);
        int length = 0;
        bool hasKind = reader.TryEnter("database_type"u8) && reader.TryReadText(kind, out length);
        database = new GeoDatabase(octets, hasKind ? Encoding.UTF8.GetString(kind[..length]) : "", (long)Math.Min(builtAt, long.MaxValue), (int)bits, (uint)nodes, family == 6, marker);
        problem = null;
        return true;
    }

    /// <summary>Finds the record of an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="record">Where the record begins.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFind(in ClientAddress address, out int record)
    {
        record = 0;
        if (address.IsIPv6 && !_isIPv6)
        {
            return false;
        }

        int bits = address.IsIPv6 ? IPv6Bits : IPv4Bits;
        uint node = address.IsIPv6 ? 0 : _firstIPv4;
        for (int bit = bits - 1; bit >= 0 && node < _nodes; bit--)
        {
            node = Child(node, ((address.Bits >> bit) & 1) != 0);
        }

        // The number of nodes itself stands for nothing; what is larger leads behind the separator.
        long place = (long)node - _nodes - SeparatorLength;
        if (node <= _nodes || place < 0 || place >= _dataEnd - _dataStart)
        {
            return false;
        }

        record = (int)place;
        return true;
    }

    /// <summary>Reads a value of a record as text.</summary>
    /// <param name="record">The record.</param>
    /// <param name="path">The keys that lead to the value.</param>
    /// <param name="destination">Takes the text in UTF-8.</param>
    /// <param name="written">How many octets were written.</param>
    /// <returns>False when the record does not have it.</returns>
    public bool TryRead(int record, GeoPath path, Span<byte> destination, out int written)
    {
        written = 0;
        var reader = new MmdbReader(Data, record);
        foreach (byte[] key in path.Keys)
        {
            if (!reader.TryEnter(key))
            {
                return false;
            }
        }

        if (path.EachKey is not { } each)
        {
            return reader.TryReadText(destination, out written);
        }

        if (!reader.TryEnterArray(out int count))
        {
            return false;
        }

        // The values of a list, with commas between them, those that are not there included.
        for (int i = 0; i < Math.Min(count, MaxListed); i++)
        {
            if (i > 0 && written < destination.Length)
            {
                destination[written++] = (byte)',';
            }

            MmdbReader item = reader;
            if (item.TryEnter(each) && item.TryReadText(destination[written..], out int length))
            {
                written += length;
            }

            if (!reader.TrySkip())
            {
                break;
            }
        }

        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> key, out ulong value)
    {
        value = 0;
        var reader = new MmdbReader(metadata, 0);
        return reader.TryEnter(key) && reader.TryReadNumber(out value);
    }

    private uint Child(uint node, bool isRight)
    {
        ReadOnlySpan<byte> pair = _octets.AsSpan((int)(node * (long)_recordBits / 4), _recordBits / 4);
        return _recordBits switch
        {
            24 => ReadThree(pair[(isRight ? 3 : 0)..]),
            28 => isRight ? ((uint)(pair[3] & 0x0F) << 24) | ReadThree(pair[4..]) : ((uint)(pair[3] >> 4) << 24) | ReadThree(pair),
            _ => BinaryPrimitives.ReadUInt32BigEndian(pair[(isRight ? 4 : 0)..]),
        };
    }

    private static uint ReadThree(ReadOnlySpan<byte> octets) => ((uint)octets[0] << 16) | ((uint)octets[1] << 8) | octets[2];
}
