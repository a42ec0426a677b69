using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using MiniDns.Client.Secure;
using MiniDns.Configuration;
using MiniDns.Files;

namespace MiniDns.Plugins.Tls;

/// <summary>What an address is encrypted with, from files that are followed: the next handshake uses what is in them.</summary>
internal sealed class CertificateFiles : IServerTls, IServerComponent
{
    private const string ExpiryMetric = "minidns_tls_certificate_not_after_timestamp_seconds";

    /// <summary>How long files have to be quiet before they are read: a certificate and its key are written one after the other.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly SslApplicationProtocol Dot = new("dot");

    private readonly CertificatePaths _paths;
    private readonly ClientAuthentication _clients;
    private readonly TlsFiles _files;
    private readonly DnsServices _services;
    private readonly ILogger _log;
    private readonly FileFollower _follower;
    private readonly Lock _refreshing = new();
    private volatile Handshakes _handshakes;
    private string? _lastProblem;

    /// <summary>Takes files that were read.</summary>
    /// <param name="span">Where the Corefile names them.</param>
    /// <param name="paths">Their paths.</param>
    /// <param name="files">What is in them.</param>
    /// <param name="clients">What clients have to show.</param>
    /// <param name="services">Clock, loggers, gauges.</param>
    public CertificateFiles(SourceSpan span, CertificatePaths paths, TlsFiles files, ClientAuthentication clients, DnsServices services)
    {
        Span = span;
        _paths = paths;
        _files = files;
        _clients = clients;
        _services = services;
        _log = services.LoggerFor("tls");
        _handshakes = Make();
        _follower = new FileFollower(
            paths.All,
            Interval,
            QuietTime,
            services.Time,
            Refresh,
            (directory, reason) => TlsLog.Unwatched(_log, directory, reason, Interval.TotalSeconds));
    }

    /// <inheritdoc/>
    public SourceSpan Span { get; }

    /// <inheritdoc/>
    public bool RequiresClientCertificate => _clients is ClientAuthentication.Require or ClientAuthentication.RequireAndVerify;

    /// <summary>Until when the certificate is valid.</summary>
    public DateTime NotAfter => _handshakes.Certificate.NotAfter.ToUniversalTime();

    /// <inheritdoc/>
    public SslServerAuthenticationOptions OptionsFor(ServerScheme scheme) => scheme == ServerScheme.Https ? _handshakes.Http : _handshakes.Dns;

    /// <inheritdoc/>
    public bool IsSameAs(IServerTls other) => other is CertificateFiles files && files._paths == _paths && files._clients == _clients;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _services.Metrics.Gauge(
            ExpiryMetric,
            "When the certificate that clients are shown ends, in seconds since 1970.",
            () => new DateTimeOffset(NotAfter).ToUnixTimeSeconds(),
            ("file", _paths.Certificate));
        _follower.Start();
        Refresh(certain: false);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _follower.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the files if they have changed; the next handshake uses what is in them then.</summary>
    /// <param name="certain">True when one is known to have changed, whatever times say.</param>
    internal void Refresh(bool certain)
    {
        lock (_refreshing)
        {
            if (_files.Refresh(certain, out string? problem))
            {
                Handshakes old = _handshakes;
                _handshakes = Make();
                _lastProblem = null;
                if (!_handshakes.Certificate.Equals(old.Certificate))
                {
                    TlsLog.Read(_log, _paths.Certificate, NotAfter);
                }
            }
            else if (problem is not null && problem != _lastProblem)
            {
                // Said once, not at every look.
                _lastProblem = problem;
                TlsLog.Unusable(_log, problem);
            }
        }
    }

    private static bool Accepts(ClientAuthentication clients, X509Certificate? certificate, SslPolicyErrors errors) => clients switch
    {
        ClientAuthentication.Require => certificate is not null,
        ClientAuthentication.VerifyIfGiven => certificate is null || errors == SslPolicyErrors.None,
        ClientAuthentication.RequireAndVerify => certificate is not null && errors == SslPolicyErrors.None,
        _ => true,
    };

    private Handshakes Make()
    {
        SslStreamCertificateContext certificate = _files.Certificate!;
        X509ChainPolicy policy = _files.ChainPolicy();
        return new Handshakes(certificate.TargetCertificate, Options(certificate, policy, Dot), Options(certificate, policy, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11));
    }

    private SslServerAuthenticationOptions Options(SslStreamCertificateContext certificate, X509ChainPolicy policy, params List<SslApplicationProtocol> protocols)
    {
        ClientAuthentication clients = _clients;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate,
            ApplicationProtocols = protocols,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            ClientCertificateRequired = clients != ClientAuthentication.None,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, shown, _, errors) => Accepts(clients, shown, errors),
        };
    }

    /// <summary>Everything that a handshake needs, made once for what the files held.</summary>
    private sealed record Handshakes(X509Certificate2 Certificate, SslServerAuthenticationOptions Dns, SslServerAuthenticationOptions Http);
}
