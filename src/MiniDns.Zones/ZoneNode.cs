using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>A node of a zone, seen through the block of octets that holds all of it.</summary>
/// <remarks>
/// <para>A block starts at a multiple of four octets; numbers are in the machine's order:</para>
/// <code>
/// -4  children     number of names directly below; only with the trait Parent
///  0  id           number of the node in its zone, the same in all versions that were made of it by changes
///  4  link         id of the node that hides this one (cut or DNAME), or -1
///  8  wildcard     id of the node's child *, or -1
/// 12  traits       NodeTraits, 16 bits
/// 14  count        number of directory entries, 16 bits
/// 16  name length, name
///     (padding)
///     directory    16 octets a type: type 2, records 2, octets 4, octets of signatures 4, signatures 2, links 2
///     for each directory entry: records, signatures, (padding), links: ids of the nodes of its targets
/// </code>
/// <para>So a hit touches the hash table and then memory that lies side by side.</para>
/// </remarks>
internal readonly struct ZoneNode
{
    /// <summary>Where the name's length stands.</summary>
    public const int NameLengthAt = 16;

    /// <summary>The octets of a directory entry.</summary>
    public const int EntrySize = 16;

    private readonly byte[] _octets;
    private readonly int _at;

    public ZoneNode(byte[] octets, int at)
    {
        _octets = octets;
        _at = at;
    }

    /// <summary>The node's number in its zone.</summary>
    public int Id => Read(0);

    /// <summary>The id of the node that hides this one, or -1.</summary>
    public int Link => Read(4);

    /// <summary>The id of the child <c>*</c>, or -1.</summary>
    public int Wildcard => Read(8);

    /// <summary>What is known of the node.</summary>
    public NodeTraits Traits => (NodeTraits)ReadShort(_octets, _at + 12);

    /// <summary>How many directory entries there are.</summary>
    public int Count => ReadShort(_octets, _at + 14);

    /// <summary>The name, case as in the file.</summary>
    public DnsNameView Name => new(_octets.AsSpan(_at + NameLengthAt + 1, _octets[_at + NameLengthAt]));

    /// <summary>Where the directory stands relative to the block.</summary>
    public static int DirectoryAt(int nameLength) => (NameLengthAt + 1 + nameLength + 3) & ~3;

    /// <summary>The octets that records and signatures of an entry take, padded.</summary>
    public static int Padded(int length) => (length + 3) & ~3;

    /// <summary>How many names are directly below.</summary>
    public int Children => (Traits & NodeTraits.Parent) != 0 ? Read(-4) : 0;

    /// <summary>The block, without what is in front of it.</summary>
    public ReadOnlySpan<byte> Block
    {
        get
        {
            int end = _at + DirectoryAt(_octets[_at + NameLengthAt]);
            foreach (NodeRRset set in this)
            {
                end = set.End;
            }

            return _octets.AsSpan(_at..end);
        }
    }

    /// <summary>Finds the RRset of a type.</summary>
    /// <returns>False when there is none, even if there are signatures that claim one.</returns>
    public bool TryGet(DnsRecordType type, out NodeRRset records)
    {
        foreach (NodeRRset set in this)
        {
            if (set.Type == type)
            {
                records = set;
                return set.RecordCount > 0;
            }
        }

        records = default;
        return false;
    }

    /// <summary>True when there is an RRset of a type.</summary>
    public bool Has(DnsRecordType type) => TryGet(type, out _);

    /// <summary>Goes through the directory.</summary>
    public Enumerator GetEnumerator() => new(_octets, _at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ReadInt(byte[] octets, int at) => MemoryMarshal.Read<int>(octets.AsSpan(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort ReadShort(byte[] octets, int at) => MemoryMarshal.Read<ushort>(octets.AsSpan(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Read(int offset) => ReadInt(_octets, _at + offset);

    /// <summary>Goes through the directory of a node.</summary>
    public struct Enumerator
    {
        private readonly byte[] _octets;
        private readonly int _name;
        private int _left;
        private int _entry;
        private int _next;

        internal Enumerator(byte[] octets, int at)
        {
            _octets = octets;
            _name = at + NameLengthAt;
            _left = ReadShort(octets, at + 14);
            _entry = at + DirectoryAt(octets[_name]) - EntrySize;
            _next = _entry + EntrySize + (_left * EntrySize);
            Current = default;
        }

        /// <summary>The RRset.</summary>
        public NodeRRset Current { get; private set; }

        /// <summary>Moves to the next RRset.</summary>
        public bool MoveNext()
        {
            if (_left == 0)
            {
                return false;
            }

            _left--;
            _entry += EntrySize;
            Current = new NodeRRset(_octets, _name, _entry, _next);
            _next = Current.End;
            return true;
        }
    }
}
