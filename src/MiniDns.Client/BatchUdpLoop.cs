using System.Runtime.InteropServices;
using MiniDns.Sockets;

namespace MiniDns.Client;

/// <summary>A loop by poll, recvmmsg and sendmmsg.</summary>
internal sealed class BatchUdpLoop : UdpLoop
{
    // The answers we ask for have at most 1,232 octets; what exceeds even this buffer is asked for again over TCP.
    private const int DatagramSize = 4096;
    private const int BatchSize = 64;
    private const int MaxRounds = 8;

    private readonly WakeEvent _wake = new();
    private readonly ReceiveBatch _batch = new(BatchSize, packetInfo: false);
    private readonly byte[][] _buffers = new byte[BatchSize][];
    private SafeHandle[] _handles = new SafeHandle[8];
    private bool[] _ready = new bool[8];

    public BatchUdpLoop(Clock clock, Action<Exception> onFault, int number)
        : base(clock, onFault, $"upstream {number}")
    {
        for (int i = 0; i < BatchSize; i++)
        {
            _buffers[i] = GC.AllocateUninitializedArray<byte>(DatagramSize, pinned: true);
            _batch.Attach(i, _buffers[i], null);
        }
    }

    public override void Wake() => _wake.Set();

    public override bool Flush(UdpUpstreamSocket socket)
    {
        int lost = socket.Outgoing.Flush(socket.Handle, out int error);

        // A full send buffer (EAGAIN) or a lack of kernel memory (ENOBUFS) is a lost datagram like any other; everything else
        // says that the upstream is not to be reached.
        const int TryAgain = 11;
        const int NoBuffers = 105;
        return lost == 0 || error is TryAgain or NoBuffers;
    }

    protected override void WaitAndReceive(int milliseconds)
    {
        int count = Sockets.Count;
        if (_handles.Length < count)
        {
            _handles = new SafeHandle[count * 2];
            _ready = new bool[count * 2];
        }

        for (int i = 0; i < count; i++)
        {
            _handles[i] = Sockets[i].Handle;
        }

        if (SocketWait.ForReading(_handles.AsSpan(0, count), _ready.AsSpan(0, count), _wake, milliseconds))
        {
            _wake.Reset();
        }

        ThreadBatch.Open();
        try
        {
            for (int i = 0; i < count; i++)
            {
                UdpUpstreamSocket socket = Sockets[i];
                socket.FailIfUnreachable();
                if (_ready[i])
                {
                    Receive(socket);
                }
            }
        }
        finally
        {
            ThreadBatch.Close();
        }
    }

    protected override void Release() => _wake.Dispose();

    private void Receive(UdpUpstreamSocket socket)
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            int received = _batch.Receive(socket.Handle, out _);
            if (received < 0)
            {
                // The error that ICMP brought; the kernel forgets it by telling.
                socket.Fail(ExchangeStatus.Refused);
                continue;
            }

            for (int i = 0; i < received; i++)
            {
                try
                {
                    socket.Deliver(_buffers[i].AsSpan(0, Math.Min(_batch.LengthOf(i), DatagramSize)), _batch.IsTruncated(i));
                }
                catch (Exception fault)
                {
                    Fault(fault);
                }
            }

            if (received < BatchSize)
            {
                return;
            }
        }
    }
}
