using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>Who sent a datagram and to which of our addresses it was sent, as the kernel wrote it, ready to be turned round for the reply.</summary>
/// <remarks>Pinned memory: a system call fills it while a batch is attached to it.</remarks>
public sealed unsafe class PeerAddress
{
    internal const int NameCapacity = 28;           // sockaddr_in6
    internal const int ControlOffset = 32;
    internal const int ControlCapacity = 64;
    private const int ControlHeader = 16;           // struct cmsghdr
    private const int LevelIPv4 = 0;
    private const int LevelIPv6 = 41;
    private const int PacketInfoIPv4 = 8;
    private const int PacketInfoIPv6 = 50;
    private const ushort FamilyIPv4 = 2;
    private const ushort FamilyIPv6 = 10;

    private readonly byte[] _memory = GC.AllocateArray<byte>(ControlOffset + ControlCapacity, pinned: true);

    internal byte* Name => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);

    internal byte* Control => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, ControlOffset);

    internal int NameLength { get; set; }

    internal int ControlLength { get; set; }

    /// <summary>The sender's port.</summary>
    public ushort Port => BinaryPrimitives.ReadUInt16BigEndian(_memory.AsSpan(2));

    /// <summary>The sender's address in network order, 4 or 16 octets.</summary>
    public ReadOnlySpan<byte> Octets => IsIPv6 ? _memory.AsSpan(8, 16) : _memory.AsSpan(4, 4);

    /// <summary>The sender's IPv6 scope id; 0 for none.</summary>
    public uint Scope => IsIPv6 ? MemoryMarshal.Read<uint>(_memory.AsSpan(24)) : 0;

    /// <summary>The local address in network order that the datagram was sent to; empty when the kernel was not asked.</summary>
    public ReadOnlySpan<byte> LocalOctets
    {
        get
        {
            if (ControlLength < ControlHeader)
            {
                return default;
            }

            // in_pktinfo: interface, local address, destination address; in6_pktinfo: destination address, interface.
            return (ControlLevel, ControlType) switch
            {
                (LevelIPv4, PacketInfoIPv4) => _memory.AsSpan(ControlOffset + ControlHeader + 8, 4),
                (LevelIPv6, PacketInfoIPv6) => _memory.AsSpan(ControlOffset + ControlHeader, 16),
                _ => default,
            };
        }
    }

    private bool IsIPv6 => MemoryMarshal.Read<ushort>(_memory) == FamilyIPv6;

    private int ControlLevel => MemoryMarshal.Read<int>(_memory.AsSpan(ControlOffset + 8));

    private int ControlType => MemoryMarshal.Read<int>(_memory.AsSpan(ControlOffset + 12));

    /// <summary>True when a datagram to the other peer goes to the same place and leaves from the same address.</summary>
    public bool HasSameWay(PeerAddress other) =>
        NameLength == other.NameLength && ControlLength == other.ControlLength
        && _memory.AsSpan(0, NameLength).SequenceEqual(other._memory.AsSpan(0, NameLength))
        && _memory.AsSpan(ControlOffset, ControlLength).SequenceEqual(other._memory.AsSpan(ControlOffset, ControlLength));

    /// <summary>Copies what tells the kernel where a datagram leaves from; empty when nothing does.</summary>
    /// <returns>The octets copied.</returns>
    internal int CopyControl(Span<byte> destination)
    {
        _memory.AsSpan(ControlOffset, ControlLength).CopyTo(destination);
        return ControlLength;
    }

    /// <summary>Sets the address by hand, for a transport that does not receive in batches.</summary>
    public void Set(IPEndPoint peer)
    {
        // In Linux's layout whatever the system is: it is read here again.
        bool isIPv6 = peer.AddressFamily == AddressFamily.InterNetworkV6;
        ushort family = isIPv6 ? FamilyIPv6 : FamilyIPv4;
        NameLength = isIPv6 ? NameCapacity : 16;
        ControlLength = 0;
        _memory.AsSpan(0, NameCapacity).Clear();
        MemoryMarshal.Write(_memory, in family);
        BinaryPrimitives.WriteUInt16BigEndian(_memory.AsSpan(2), (ushort)peer.Port);
        peer.Address.TryWriteBytes(_memory.AsSpan(isIPv6 ? 8 : 4), out _);
        if (isIPv6)
        {
            uint scope = (uint)peer.Address.ScopeId;
            MemoryMarshal.Write(_memory.AsSpan(24), in scope);
        }
    }

    /// <summary>Makes the packet information that came with the datagram say where the reply is to leave from.</summary>
    public void TurnRound()
    {
        if (ControlLength < ControlHeader)
        {
            ControlLength = 0;
            return;
        }

        Span<byte> info = _memory.AsSpan(ControlOffset + ControlHeader);
        if (ControlLevel == LevelIPv4 && ControlType == PacketInfoIPv4)
        {
            // The route decides about the interface; the source is the address that was asked.
            info[8..12].CopyTo(info[4..]);
            info[..4].Clear();
            ControlLength = 32;
        }
        else if (ControlLevel == LevelIPv6 && ControlType == PacketInfoIPv6)
        {
            bool linkLocal = info[0] == 0xFE && (info[1] & 0xC0) == 0x80;
            if (!linkLocal)
            {
                info[16..20].Clear();
            }

            ControlLength = 40;
        }
        else
        {
            ControlLength = 0;
        }
    }
}
