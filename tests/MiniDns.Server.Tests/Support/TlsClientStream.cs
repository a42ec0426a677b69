using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Server.Tests.Support;

/// <summary>A client of DNS over TLS.</summary>
internal sealed class TlsClientStream : IAsyncDisposable
{
    private readonly Socket _socket;

    private TlsClientStream(Socket socket, SslStream stream) => (_socket, Stream) = (socket, stream);

    public SslStream Stream { get; }

    /// <summary>The server's certificate.</summary>
    public X509Certificate2 Shown => (X509Certificate2)Stream.RemoteCertificate!;

    public static async Task<TlsClientStream> ConnectAsync(IPEndPoint server, X509Certificate2? certificate = null, string? protocol = "dot")
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        var stream = new SslStream(new NetworkStream(socket));
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = SecureServer.Name,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ClientCertificates = certificate is null ? null : [certificate],
            ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)],
        };
        using var patience = new CancellationTokenSource(Eventually.Patience);
        try
        {
            await stream.AuthenticateAsClientAsync(options, patience.Token);
            return new TlsClientStream(socket, stream);
        }
        catch
        {
            await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    public async Task SendAsync(params byte[][] messages) => await Stream.WriteAsync(messages.SelectMany(TcpClientStream.Frame).ToArray());

    /// <summary>Reads a message.</summary>
    /// <returns>Null when the server has ended the connection.</returns>
    public async Task<byte[]?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        byte[] prefix = new byte[2];
        if (await Stream.ReadAtLeastAsync(prefix, 2, throwOnEndOfStream: false, patience.Token) == 0)
        {
            return null;
        }

        byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await Stream.ReadExactlyAsync(message, patience.Token);
        return message;
    }

    public async Task<byte[]> AskAsync(byte[] message)
    {
        await SendAsync(message);
        byte[]? reply = await ReceiveAsync();
        Assert.NotNull(reply);
        return reply;
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _socket.Dispose();
    }
}
