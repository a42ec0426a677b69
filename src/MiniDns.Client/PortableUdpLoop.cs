using System.Net.Sockets;
using MiniDns.Sockets;

namespace MiniDns.Client;

/// <summary>A loop by what every system has: select, one call per datagram.</summary>
internal sealed class PortableUdpLoop : UdpLoop
{
    private const int DatagramSize = 65_535;
    private const int MaxRounds = 256;

    private readonly byte[] _buffer = new byte[DatagramSize];
    private readonly List<Socket> _readable = [];
    private readonly List<Socket> _failed = [];
    private readonly AutoResetEvent _wake = new(initialState: false);

    public PortableUdpLoop(Clock clock, Action<Exception> onFault, int number)
        : base(clock, onFault, $"upstream {number}")
    {
    }

    public override void Wake() => _wake.Set();

    public override bool Flush(UdpUpstreamSocket socket) => true;

    protected override void WaitAndReceive(int milliseconds)
    {
        if (Sockets.Count == 0)
        {
            _wake.WaitOne(milliseconds);
            return;
        }

        // Select cannot be woken; it does not wait for long.
        _readable.Clear();
        _failed.Clear();
        foreach (UdpUpstreamSocket socket in Sockets)
        {
            _readable.Add(socket.Socket);
            _failed.Add(socket.Socket);
        }

        Socket.Select(_readable, null, _failed, SweepMilliseconds * 1000);
        ThreadBatch.Open();
        try
        {
            for (int i = 0; i < Sockets.Count; i++)
            {
                Sockets[i].FailIfUnreachable();
                if (_readable.Contains(Sockets[i].Socket) || _failed.Contains(Sockets[i].Socket))
                {
                    Receive(Sockets[i]);
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
        for (int i = 0; i < MaxRounds; i++)
        {
            int length = socket.Socket.Receive(_buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error == SocketError.Success)
            {
                try
                {
                    socket.Deliver(_buffer.AsSpan(0, length), isCut: false);
                }
                catch (Exception fault)
                {
                    Fault(fault);
                }
            }
            else if (error != SocketError.MessageSize)
            {
                socket.Fail(ExchangeStatus.Refused);
            }
        }
    }
}
