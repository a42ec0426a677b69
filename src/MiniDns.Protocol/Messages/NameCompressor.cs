using System.Runtime.CompilerServices;

namespace MiniDns.Protocol.Messages;

/// <summary>Remembers where names stand in the message being written, so that later ones can point there (RFC 1035 §4.1.4).</summary>
/// <remarks>A fixed table: when it is full, further names are written out, which is always allowed.</remarks>
public struct NameCompressor
{
    /// <summary>How many suffixes are remembered.</summary>
    public const int Capacity = 96;

    private Hashes _hashes;
    private Offsets _offsets;

    /// <summary>How many suffixes are remembered now.</summary>
    public int Count { get; set; }

    /// <summary>The hash of a remembered suffix.</summary>
    internal readonly uint HashAt(int index) => _hashes[index];

    /// <summary>The offset of a remembered suffix.</summary>
    internal readonly int OffsetAt(int index) => _offsets[index];

    /// <summary>Remembers a suffix.</summary>
    internal void Add(uint hash, int offset)
    {
        if (Count < Capacity && offset < 0x4000)
        {
            _hashes[Count] = hash;
            _offsets[Count++] = (ushort)offset;
        }
    }

    [InlineArray(Capacity)]
    private struct Hashes
    {
        private uint _first;
    }

    [InlineArray(Capacity)]
    private struct Offsets
    {
        private ushort _first;
    }
}
