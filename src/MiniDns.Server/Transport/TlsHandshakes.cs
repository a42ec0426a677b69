using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Server.Diagnostics;

namespace MiniDns.Server.Transport;

/// <summary>Makes the TLS handshakes of one address, and counts what became of them.</summary>
internal sealed class TlsHandshakes
{
    private const string Metric = "minidns_tls_handshakes_total";
    private const string Help = "TLS handshakes of clients, by what became of them.";

    private readonly DnsServices _services;
    private readonly ServerScheme _scheme;
    private readonly ILogger _log;
    private readonly StripedCounter _made;
    private readonly StripedCounter _failed;
    private readonly StripedCounter _late;

    /// <summary>Makes it.</summary>
    /// <param name="services">Clock, loggers and counters.</param>
    /// <param name="scheme">What is spoken after the handshake.</param>
    public TlsHandshakes(DnsServices services, ServerScheme scheme)
    {
        _services = services;
        _scheme = scheme;
        _log = services.LoggerFor("tls");
        _made = Counter("made");
        _failed = Counter("failed");
        _late = Counter("late");
    }

    /// <summary>Makes the handshake of one connection.</summary>
    /// <param name="context">The connection, whose octets are then those inside.</param>
    /// <param name="tls">What it is made with.</param>
    /// <param name="patience">How long the client may take.</param>
    /// <param name="ending">Gives up.</param>
    /// <returns>Null when it failed: the connection is not to be served.</returns>
    public async ValueTask<TlsSession?> TryMakeAsync(ConnectionContext context, IServerTls tls, TimeSpan patience, CancellationToken ending)
    {
        using var late = new CancellationTokenSource(patience, _services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ending);
        try
        {
            SslServerAuthenticationOptions options = tls.OptionsFor(_scheme);
            TlsSession session = await TlsSession.BeginAsync(context, options, either.Token).ConfigureAwait(false);
            _made.Increment();
            return session;
        }
        catch (OperationCanceledException)
        {
            _late.Increment();
            return null;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or InvalidOperationException)
        {
            // Whoever scans ports does this all day.
            _failed.Increment();
            if (_log.IsEnabled(LogLevel.Debug))
            {
                ServerLog.HandshakeFailed(_log, context.RemoteEndPoint, string.Create(CultureInfo.InvariantCulture, $"{e.Message} {e.InnerException?.Message}").TrimEnd());
            }

            return null;
        }
    }

    private StripedCounter Counter(string result) => _services.Metrics.Counter(Metric, Help, ("proto", ServerKey.SchemeText(_scheme)), ("result", result));
}
