using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Running;

/// <summary>Asks every listener something over the network, as a client would: who does not answer does not work.</summary>
/// <remarks>The message is one that no configuration changes the answer to: a status request (opcode 2), which is answered NOTIMP before any
/// plugin sees it. So it tells of the sockets and their threads, not of zones or upstreams.</remarks>
internal static class ListenerProbe
{
    private const int MessageSize = 12;
    private const byte StatusOpcode = 2 << 3;

    /// <summary>Asks all listeners at once.</summary>
    /// <param name="endpoints">The listeners.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A line for each that did not answer.</returns>
    public static async Task<IReadOnlyList<string>> CheckAsync(IReadOnlyList<EndpointListener> endpoints, CancellationToken cancellationToken)
    {
        IEnumerable<Task<string?>> checks = endpoints.Where(e => BoundSockets.IsPresent(e.Address.Address)).SelectMany(e => Checks(e, cancellationToken));
        return [.. (await Task.WhenAll(checks).ConfigureAwait(false)).OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<Task<string?>> Checks(EndpointListener endpoint, CancellationToken cancellationToken)
    {
        IPEndPoint target = Target(endpoint.Address);

        // The kernel picks one of the sockets by our port: enough different ones reach them all, in the long run.
        for (int i = 0; i < 2 * endpoint.SocketCount; i++)
        {
            yield return GuardAsync("udp", target, AskUdpAsync(target, cancellationToken), cancellationToken);
        }

        yield return endpoint.Plan.Scheme == ServerScheme.Dns
            ? GuardAsync("tcp", target, AskTcpAsync(target, cancellationToken), cancellationToken)
            : GuardAsync(ServerKey.SchemeText(endpoint.Plan.Scheme), target, AskSecureAsync(endpoint.Plan, target, cancellationToken), cancellationToken);
    }

    private static IPEndPoint Target(IPEndPoint address) =>
        address.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, address.Port)
        : address.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(Socket.OSSupportsIPv4 ? IPAddress.Loopback : IPAddress.IPv6Loopback, address.Port)
        : address;

    private static async Task<string?> GuardAsync(string protocol, IPEndPoint target, Task asking, CancellationToken cancellationToken)
    {
        try
        {
            await asking.ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return $"{protocol} {target}: no answer in time";
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return $"{protocol} {target}: {e.Message}";
        }
    }

    private static byte[] Message(out ushort id)
    {
        id = (ushort)Random.Shared.Next(ushort.MaxValue + 1);
        byte[] message = new byte[MessageSize];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        message[2] = StatusOpcode;
        return message;
    }

    private static bool IsReply(ReadOnlySpan<byte> reply, ushort id) =>
        reply.Length >= MessageSize && BinaryPrimitives.ReadUInt16BigEndian(reply) == id && (reply[2] & 0x80) != 0;

    private static async Task AskUdpAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(Message(out ushort id), cancellationToken).ConfigureAwait(false);
        byte[] reply = new byte[512];
        int length;
        do
        {
            length = await socket.ReceiveAsync(reply, cancellationToken).ConfigureAwait(false);
        }
        while (!IsReply(reply.AsSpan(0, length), id));
    }

    private static async Task AskTcpAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket);
        await AskFramedAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    private static async Task AskSecureAsync(EndpointPlan endpoint, IPEndPoint target, CancellationToken cancellationToken)
    {
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
        await using var octets = new NetworkStream(socket);
        IServerTls? tls = endpoint.Settings.Tls;
        bool isHttps = endpoint.Scheme == ServerScheme.Https;
        await using SslStream? encrypted = tls is null ? null : new SslStream(octets);
        if (encrypted is not null)
        {
            await encrypted.AuthenticateAsClientAsync(HandshakeOptions(isHttps ? SslApplicationProtocol.Http11 : new SslApplicationProtocol("dot")), cancellationToken).ConfigureAwait(false);
        }

        try
        {
            Stream stream = encrypted as Stream ?? octets;
            await (isHttps ? AskHttpAsync(stream, target, cancellationToken) : AskFramedAsync(stream, cancellationToken)).ConfigureAwait(false);
        }
        catch (IOException) when (tls is { RequiresClientCertificate: true })
        {
            // We have no certificate to show, and it turned us away for that: it works.
        }
    }

    /// <summary>Whoever holds the port is asked whether it answers, not who it is: any certificate will do.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "The server asks itself, on its own address, nothing that matters.")]
    private static SslClientAuthenticationOptions HandshakeOptions(SslApplicationProtocol protocol) => new()
    {
        TargetHost = "localhost",
        ApplicationProtocols = [protocol],
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };

    private static async Task AskFramedAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] framed = [0, MessageSize, .. Message(out ushort id)];
        await stream.WriteAsync(framed, cancellationToken).ConfigureAwait(false);
        await stream.ReadExactlyAsync(framed, cancellationToken).ConfigureAwait(false);
        ExpectReply(framed.AsSpan(2), id);
    }

    private static async Task AskHttpAsync(Stream stream, IPEndPoint target, CancellationToken cancellationToken)
    {
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST {HttpsExchange.Path} HTTP/1.1\r\nHost: {target}\r\nContent-Type: {HttpsExchange.MediaType}\r\nContent-Length: {MessageSize}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. Message(out ushort id)], cancellationToken).ConfigureAwait(false);
        byte[] response = new byte[1024];
        int length = await stream.ReadAtLeastAsync(response, response.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        int body = response.AsSpan(0, length).IndexOf("\r\n\r\n"u8) + 4;
        ExpectReply(body >= 4 ? response.AsSpan(body, length - body) : default, id);
    }

    private static void ExpectReply(ReadOnlySpan<byte> reply, ushort id)
    {
        if (!IsReply(reply, id))
        {
            throw new IOException("the answer is not one to what was asked");
        }
    }
}
