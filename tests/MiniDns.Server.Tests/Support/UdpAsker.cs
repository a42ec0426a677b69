using System.Net;
using System.Net.Sockets;

namespace MiniDns.Server.Tests.Support;

/// <summary>A connected UDP socket: it takes replies only from the address it asked.</summary>
internal sealed class UdpAsker : IDisposable
{
    private readonly Socket _socket;

    public UdpAsker(IPEndPoint server, IPAddress? from = null)
    {
        _socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (from is not null)
        {
            _socket.Bind(new IPEndPoint(from, 0));
        }

        _socket.Connect(server);
    }

    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    public void Send(byte[] message) => _socket.Send(message);

    /// <summary>Takes the next reply.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        byte[] buffer = new byte[65535];
        using var patience = new CancellationTokenSource(Eventually.Patience);
        int length = await _socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
        return buffer[..length];
    }

    /// <summary>Asks, again when the datagram was lost.</summary>
    /// <param name="message">The question.</param>
    /// <param name="header">What is sent in front of it.</param>
    public async Task<byte[]> AskAsync(byte[] message, params byte[] header)
    {
        byte[] buffer = new byte[65535];
        for (int attempt = 0; attempt < 10; attempt++)
        {
            Send([.. header, .. message]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            try
            {
                while (true)
                {
                    int length = await _socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
                    if (length >= 2 && Ask.Id(buffer) == Ask.Id(message))
                    {
                        return buffer[..length];
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Lost: once more.
            }
        }

        throw new InvalidOperationException("the server does not answer");
    }

    public void Dispose() => _socket.Dispose();
}
