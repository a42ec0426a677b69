using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MiniDns.Server.Tests.Support;

/// <summary>A DNS client over TCP that does as it is told, also badly.</summary>
internal sealed class TcpClientStream : IDisposable
{
    private TcpClientStream(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    public static async Task<TcpClientStream> ConnectAsync(IPEndPoint server, int? receiveBuffer = null, IPAddress? from = null)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(server);
        return new TcpClientStream(socket);
    }

    public static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[2 + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)message.Length);
        message.CopyTo(frame, 2);
        return frame;
    }

    public async Task SendAsync(params byte[][] messages) => await SendRawAsync(messages.SelectMany(Frame).ToArray());

    public async Task SendRawAsync(ReadOnlyMemory<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            octets = octets[await Socket.SendAsync(octets)..];
        }
    }

    /// <summary>Reads a message.</summary>
    /// <returns>Null when the server has closed the connection.</returns>
    public async Task<byte[]?> ReceiveAsync()
    {
        byte[] prefix = new byte[2];
        if (!await FillAsync(prefix))
        {
            return null;
        }

        byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        Assert.True(await FillAsync(message), "the connection ended inside a message");
        return message;
    }

    public async Task<byte[]> AskAsync(byte[] message)
    {
        await SendAsync(message);
        byte[]? reply = await ReceiveAsync();
        Assert.NotNull(reply);
        return reply;
    }

    /// <summary>Waits for the end of the connection; whatever comes before is thrown away.</summary>
    public async Task ClosedAsync()
    {
        byte[] rest = new byte[64 * 1024];
        using var patience = new CancellationTokenSource(Eventually.Patience);
        try
        {
            while (await Socket.ReceiveAsync(rest, SocketFlags.None, patience.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Closed the hard way.
        }
    }

    public void Dispose() => Socket.Dispose();

    private async Task<bool> FillAsync(Memory<byte> destination)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        while (!destination.IsEmpty)
        {
            int read;
            try
            {
                read = await Socket.ReceiveAsync(destination, SocketFlags.None, patience.Token);
            }
            catch (SocketException)
            {
                return false;
            }

            if (read == 0)
            {
                return false;
            }

            destination = destination[read..];
        }

        return true;
    }
}
