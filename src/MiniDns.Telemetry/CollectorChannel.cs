using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Telemetry;

/// <summary>The way to one collector: a client of HTTP with the certificates, headers and patience that the settings ask for, which remembers what
/// became of the last message. For one message at a time.</summary>
/// <remarks>OpenTelemetry's exporters send through <see cref="Client"/>; they tell only that a message was not taken. The reply tells why, and
/// whether it is worth trying again.</remarks>
internal sealed class CollectorChannel : IDisposable
{
    private readonly CollectorSettings _settings;
    private readonly CollectorReplies _replies;
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Makes a channel; it connects when there is something to send.</summary>
    /// <exception cref="IOException">A certificate cannot be read.</exception>
    public CollectorChannel(CollectorSettings settings)
    {
        _settings = settings;
        _replies = new CollectorReplies(Handler(settings), settings, _ending.Token);
        Client = new HttpClient(_replies) { Timeout = settings.Timeout };
        foreach ((string name, string value) in settings.Headers)
        {
            Client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>Sends requests.</summary>
    public HttpClient Client { get; }

    /// <summary>Has an exporter send a message, and tells what became of it.</summary>
    /// <param name="export">Sends it through <see cref="Client"/>; false when it was not taken.</param>
    public CollectorResult Result(Func<bool> export)
    {
        _replies.Last = null;
        bool isTaken = export();
        return _replies.Last ?? (isTaken ? CollectorResult.Taken : new CollectorResult("the message could not be written", null));
    }

    /// <summary>Gives up what is under way, and what comes, after some time.</summary>
    public void EndAfter(TimeSpan patience) => _ending.CancelAfter(patience);

    /// <summary>Gives up what is under way, and what comes.</summary>
    public void End() => _ending.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        _ending.Dispose();
    }

    private static SocketsHttpHandler Handler(CollectorSettings settings)
    {
        SocketsHttpHandler handler = new()
        {
            ActivityHeadersPropagator = null,
            ConnectTimeout = settings.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),     // a collector's name may move
            UseCookies = false,
        };
        try
        {
            Secure(handler, settings);
            return handler;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            handler.Dispose();
            throw new IOException($"a certificate for {settings.Address} cannot be used: {e.Message}", e);
        }
    }

    private static void Secure(SocketsHttpHandler handler, CollectorSettings settings)
    {
        if (settings.AuthorityPath is { } authorities)
        {
            X509Certificate2Collection trusted = [];
            trusted.ImportFromPemFile(authorities);
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(trusted);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        if (settings.Identity is { } identity)
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(identity.Certificate, identity.Key);
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null);
        }
    }
}
