using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>Collects datagrams and sends them with one system call. For one thread at a time.</summary>
public sealed unsafe class SendBatch
{
    private readonly LinuxSocket.MessageHeader[] _headers;
    private readonly LinuxSocket.IoVector[] _vectors;
    private readonly byte[]?[] _buffers;

    /// <summary>Makes a batch.</summary>
    /// <param name="capacity">The most datagrams it collects.</param>
    public SendBatch(int capacity)
    {
        Capacity = capacity;
        _headers = GC.AllocateArray<LinuxSocket.MessageHeader>(capacity, pinned: true);
        _vectors = GC.AllocateArray<LinuxSocket.IoVector>(capacity, pinned: true);
        _buffers = new byte[]?[capacity];
        for (int i = 0; i < capacity; i++)
        {
            _headers[i].Vectors = (LinuxSocket.IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, i);
            _headers[i].VectorCount = 1;
        }
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
        ref LinuxSocket.MessageHeader header = ref _headers[slot];
        header.Name = peer is null ? null : peer.Name;
        header.NameLength = (uint)(peer?.NameLength ?? 0);
        header.Control = peer is null || peer.ControlLength == 0 ? null : peer.Control;
        header.ControlLength = (nuint)(peer?.ControlLength ?? 0);
        header.Flags = 0;
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
            while (at < Count)
            {
                int sent = LinuxSocket.SendMany(socket, headers + at, (uint)(Count - at), LinuxSocket.DontWait | LinuxSocket.NoSignal);
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

                // This one cannot be sent (unreachable, filtered, buffer still full): the others may.
                error = errno;
                lost++;
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
    }
}
