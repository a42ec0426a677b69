using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>Collects datagrams and sends them with one system call. For one thread at a time.</summary>
/// <remarks>
/// Datagrams that follow one another to one receiver go through the kernel's network stack as one, which takes them apart at its end (UDP_SEGMENT,
/// Linux 4.18): each costs about half. They must be of one size; only the last may be shorter. Where the kernel or the route cannot do it
/// (an old kernel, IPsec), they are sent one by one.
/// </remarks>
public sealed unsafe class SendBatch
{
    /// <summary>The most octets of a datagram that is joined to others: what every route takes without fragments.</summary>
    private const int LongestJoined = 1232;

    /// <summary>The most octets of joined datagrams together; the kernel takes somewhat less than 64 KiB.</summary>
    private const int MostOctets = 60_000;

    /// <summary>The most datagrams that are joined: the least limit of all kernels.</summary>
    private const int MostJoined = 64;

    /// <summary>After so many refusals the kernel is not asked again.</summary>
    private const int MostRefusals = 16;

    private const int ControlSize = PeerAddress.ControlCapacity;

    private readonly LinuxSocket.MessageHeader[] _headers;
    private readonly LinuxSocket.IoVector[] _vectors;
    private readonly byte[]?[] _buffers;
    private readonly byte[] _controls;
    private PeerAddress? _peer;
    private int _messages;
    private int _segment;
    private int _octets;
    private int _refusals;

    /// <summary>Makes a batch.</summary>
    /// <param name="capacity">The most datagrams it collects.</param>
    public SendBatch(int capacity)
    {
        Capacity = capacity;
        _headers = GC.AllocateArray<LinuxSocket.MessageHeader>(capacity, pinned: true);
        _vectors = GC.AllocateArray<LinuxSocket.IoVector>(capacity, pinned: true);
        _buffers = new byte[]?[capacity];
        _controls = GC.AllocateArray<byte>(capacity * ControlSize, pinned: true);
    }

    /// <summary>The most datagrams it collects.</summary>
    public int Capacity { get; }

    /// <summary>How many are collected.</summary>
    public int Count { get; private set; }

    /// <summary>True when another datagram does not fit.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>Adds a datagram; buffer and peer must stay as they are until <see cref="Flush"/>.</summary>
    /// <param name="buffer">A pinned array.</param>
    /// <param name="length">How many octets of it.</param>
    /// <param name="peer">The receiver, with the local address to send from; null for a connected socket.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Add(byte[] buffer, int length, PeerAddress? peer)
    {
        if (IsFull)
        {
            throw new InvalidOperationException("the batch is full");
        }

        int slot = Count++;
        _buffers[slot] = buffer;
        _vectors[slot].Base = (void*)Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0);
        _vectors[slot].Length = (nuint)length;
        if (TryJoin(length, peer))
        {
            return;
        }

        ref LinuxSocket.MessageHeader header = ref _headers[_messages++];
        header.Name = peer is null ? null : peer.Name;
        header.NameLength = (uint)(peer?.NameLength ?? 0);
        header.Vectors = (LinuxSocket.IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, slot);
        header.VectorCount = 1;
        header.Control = peer is null || peer.ControlLength == 0 ? null : peer.Control;
        header.ControlLength = (nuint)(peer?.ControlLength ?? 0);
        header.Flags = 0;
        _peer = peer;
        _segment = length <= LongestJoined ? length : 0;
        _octets = length;
    }

    /// <summary>Sends all of them and empties the batch. When the socket's buffer is full it waits a little, then drops.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="error">The last errno met, 0 when there was none.</param>
    /// <returns>How many could not be sent.</returns>
    public int Flush(SafeHandle socket, out int error)
    {
        int at = 0;
        int lost = 0;
        bool waited = false;
        error = 0;
        fixed (LinuxSocket.MessageHeader* headers = _headers)
        {
            while (at < _messages)
            {
                int sent = LinuxSocket.SendMany(socket, headers + at, (uint)(_messages - at), LinuxSocket.DontWait | LinuxSocket.NoSignal);
                if (sent > 0)
                {
                    at += sent;
                    continue;
                }

                int errno = Marshal.GetLastPInvokeError();
                if (errno == LinuxSocket.Interrupted)
                {
                    continue;
                }

                if (errno == LinuxSocket.WouldBlock && !waited && SocketWait.ForSending(socket, milliseconds: 5))
                {
                    waited = true;
                    continue;
                }

                if (headers[at].VectorCount > 1 && errno is (LinuxSocket.InvalidArgument or LinuxSocket.InputOutput or LinuxSocket.TooLong))
                {
                    _refusals++;
                    lost += SendApart(socket, headers[at], ref error);
                }
                else
                {
                    // This one cannot be sent (unreachable, filtered, buffer still full): the others may.
                    error = errno;
                    lost += (int)headers[at].VectorCount;
                }

                at++;
            }
        }

        Discard();
        return lost;
    }

    /// <summary>Empties the batch without sending.</summary>
    public void Discard()
    {
        Array.Clear(_buffers, 0, Count);
        Count = 0;
        _messages = 0;
        _peer = null;
    }

    /// <summary>Makes the datagram part of the message before it, when it has the same way and a size that fits.</summary>
    private bool TryJoin(int length, PeerAddress? peer)
    {
        if (_messages == 0 || length > _segment || _octets + length > MostOctets || _refusals >= MostRefusals
            || !(ReferenceEquals(peer, _peer) || (peer is not null && _peer is not null && peer.HasSameWay(_peer))))
        {
            return false;
        }

        ref LinuxSocket.MessageHeader header = ref _headers[_messages - 1];
        if (header.VectorCount == MostJoined)
        {
            return false;
        }

        if (header.VectorCount == 1)
        {
            // Room of our own for what the kernel is told: the peer's may be read again.
            Span<byte> control = _controls.AsSpan((_messages - 1) * ControlSize, ControlSize);
            int used = peer is null ? 0 : peer.CopyControl(control);
            header.Control = (void*)Marshal.UnsafeAddrOfPinnedArrayElement(_controls, (_messages - 1) * ControlSize);
            header.ControlLength = (nuint)(used + LinuxSocket.WriteSegmentSize(control[used..], (ushort)_segment));
        }

        header.VectorCount++;
        _octets += length;
        if (length < _segment)
        {
            // Only the last one may be shorter.
            _segment = 0;
        }

        return true;
    }

    /// <summary>Sends the datagrams of a message one by one.</summary>
    /// <returns>How many could not be sent.</returns>
    private static int SendApart(SafeHandle socket, LinuxSocket.MessageHeader joined, ref int error)
    {
        int lost = 0;
        for (nuint i = 0; i < joined.VectorCount; i++)
        {
            LinuxSocket.MessageHeader one = joined;
            one.Vectors = joined.Vectors + i;
            one.VectorCount = 1;
            one.ControlLength = joined.ControlLength - LinuxSocket.SegmentSizeSpace;
            one.Control = one.ControlLength == 0 ? null : joined.Control;
            if (LinuxSocket.SendMany(socket, &one, 1, LinuxSocket.DontWait | LinuxSocket.NoSignal) != 1)
            {
                error = Marshal.GetLastPInvokeError();
                lost++;
            }
        }

        return lost;
    }
}
