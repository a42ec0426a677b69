using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>Receives many datagrams with one system call, each into a buffer that was attached for it. For one thread.</summary>
public sealed unsafe class ReceiveBatch
{
    private readonly LinuxSocket.MessageHeader[] _headers;
    private readonly LinuxSocket.IoVector[] _vectors;
    private readonly PeerAddress?[] _peers;
    private readonly byte[]?[] _buffers;
    private readonly bool _packetInfo;

    /// <summary>Makes a batch.</summary>
    /// <param name="capacity">The most datagrams of one call.</param>
    /// <param name="packetInfo">Whether the kernel is asked which local address each datagram was sent to.</param>
    public ReceiveBatch(int capacity, bool packetInfo)
    {
        Capacity = capacity;
        _packetInfo = packetInfo;
        _headers = GC.AllocateArray<LinuxSocket.MessageHeader>(capacity, pinned: true);
        _vectors = GC.AllocateArray<LinuxSocket.IoVector>(capacity, pinned: true);
        _peers = new PeerAddress?[capacity];
        _buffers = new byte[]?[capacity];
        for (int i = 0; i < capacity; i++)
        {
            _headers[i].Vectors = (LinuxSocket.IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, i);
            _headers[i].VectorCount = 1;
        }
    }

    /// <summary>The most datagrams of one call.</summary>
    public int Capacity { get; }

    /// <summary>Sets where a datagram goes.</summary>
    /// <param name="slot">Which datagram of the batch.</param>
    /// <param name="buffer">A pinned array (<see cref="GC.AllocateUninitializedArray{T}"/>); it is kept alive by this batch.</param>
    /// <param name="peer">Takes the sender; null for a connected socket.</param>
    public void Attach(int slot, byte[] buffer, PeerAddress? peer)
    {
        _buffers[slot] = buffer;
        _peers[slot] = peer;
        _vectors[slot].Base = (void*)Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0);
        _vectors[slot].Length = (nuint)buffer.Length;
        _headers[slot].Name = peer is null ? null : peer.Name;
        _headers[slot].Control = peer is null || !_packetInfo ? null : peer.Control;
        Arm(slot);
    }

    /// <summary>Receives what is there, without waiting.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="error">The errno when the result is negative.</param>
    /// <returns>How many datagrams; 0 when there is none; -1 on an error.</returns>
    public int Receive(SafeHandle socket, out int error)
    {
        int received;
        fixed (LinuxSocket.MessageHeader* headers = _headers)
        {
            do
            {
                received = LinuxSocket.ReceiveMany(socket, headers, (uint)Capacity, LinuxSocket.DontWait, null);
                error = received < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            while (error == LinuxSocket.Interrupted);
        }

        if (error == LinuxSocket.WouldBlock)
        {
            error = 0;
            return 0;
        }

        for (int i = 0; i < received; i++)
        {
            if (_peers[i] is { } peer)
            {
                peer.NameLength = (int)_headers[i].NameLength;
                peer.ControlLength = (int)_headers[i].ControlLength;
            }

            Arm(i);
        }

        return received;
    }

    /// <summary>The octets of a received datagram; at most its buffer's length.</summary>
    public int LengthOf(int slot) => (int)_headers[slot].Transferred;

    /// <summary>True when a received datagram was longer than its buffer.</summary>
    public bool IsTruncated(int slot) => (_headers[slot].Flags & LinuxSocket.TruncatedFlag) != 0;

    /// <summary>Says that a datagram lies in a slot's buffer that no socket put there: for driving a batch without one.</summary>
    /// <param name="slot">Which datagram of the batch.</param>
    /// <param name="length">Its octets.</param>
    public void Put(int slot, int length)
    {
        _headers[slot].Transferred = (uint)length;
        _headers[slot].Flags = 0;
    }

    private void Arm(int slot)
    {
        // The kernel overwrites these lengths with what it used.
        ref LinuxSocket.MessageHeader header = ref _headers[slot];
        header.NameLength = header.Name is null ? 0 : (uint)PeerAddress.NameCapacity;
        header.ControlLength = header.Control is null ? 0 : (nuint)PeerAddress.ControlCapacity;
    }
}
