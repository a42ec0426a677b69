using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Cluster.Api;

/// <summary>Connects to the API server: certificates as they are at that moment, and a peer that is gone is noticed.</summary>
internal static class ApiTransport
{
    private const int TcpUserTimeout = 18;      // Linux; milliseconds until unacknowledged data ends the connection
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    public static SocketsHttpHandler Handler(ApiAccess access) => new()
    {
        ConnectCallback = (context, cancellationToken) => ConnectAsync(access, context, cancellationToken),
        ConnectTimeout = ConnectPatience,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        MaxResponseHeadersLength = 64,
        MaxResponseDrainSize = 0,
        ResponseDrainTimeout = TimeSpan.Zero,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        ActivityHeadersPropagator = null,
    };

    private static async ValueTask<Stream> ConnectAsync(ApiAccess access, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        NetworkStream? plain = null;
        SslStream? secure = null;
        try
        {
            // A watch says nothing for minutes; only probes tell a quiet server from one that is gone.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 20);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption((int)ProtocolType.Tcp, TcpUserTimeout, BitConverter.GetBytes(30_000));
            }

            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            plain = new NetworkStream(socket, ownsSocket: true);
            if (access.Server.Scheme != Uri.UriSchemeHttps)
            {
                return plain;
            }

            secure = new SslStream(plain);
            await secure.AuthenticateAsClientAsync(await OptionsAsync(access, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch
        {
            if (secure is not null)
            {
                await secure.DisposeAsync().ConfigureAwait(false);
            }

            if (plain is not null)
            {
                await plain.DisposeAsync().ConfigureAwait(false);
            }

            socket.Dispose();
            throw;
        }
    }

    private static async ValueTask<SslClientAuthenticationOptions> OptionsAsync(ApiAccess access, CancellationToken cancellationToken)
    {
        SslStreamCertificateContext? certificate = access.Certificate is null ? null : await access.Certificate.CertificateAsync(cancellationToken).ConfigureAwait(false);
        return new SslClientAuthenticationOptions
        {
            TargetHost = access.ServerName ?? access.Server.IdnHost,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateContext = certificate,
            RemoteCertificateValidationCallback = (_, presented, chain, errors) => Accepts(access, presented as X509Certificate2, chain, errors),
        };
    }

    private static bool Accepts(ApiAccess access, X509Certificate2? presented, X509Chain? chain, SslPolicyErrors errors) =>
        presented is not null
        && (access.SkipVerify || (access.Authorities is null ? errors == SslPolicyErrors.None : access.Authorities.Trusts(presented, chain, errors)));
}
