using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Client.Secure;

/// <summary>Starts TLS on connections to one upstream and says, in words, why a certificate is not good enough.</summary>
/// <remarks>Sessions are resumed (RFC 8446 §2.2) by the platform, which keeps them per server name, and none for addresses.</remarks>
internal sealed class TlsClient
{
    private readonly TlsFiles? _files;
    private readonly Action<string> _onUntrusted;

    /// <summary>Makes the client.</summary>
    /// <param name="files">Who is trusted and who we are; null for whom the system trusts, and nobody.</param>
    /// <param name="serverName">The name or address that the upstream's certificate has to be for.</param>
    /// <param name="onUntrusted">Told why a certificate was turned down.</param>
    public TlsClient(TlsFiles? files, string serverName, Action<string> onUntrusted)
    {
        _files = files;
        ServerName = serverName;
        _onUntrusted = onUntrusted;
    }

    /// <summary>The name or address that the upstream's certificate has to be for.</summary>
    public string ServerName { get; }

    /// <summary>How one connection is made.</summary>
    /// <param name="protocols">The protocols to offer (ALPN, RFC 7301).</param>
    public SslClientAuthenticationOptions Options(params ReadOnlySpan<SslApplicationProtocol> protocols)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = ServerName,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = _files?.ChainPolicy() ?? new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
            ClientCertificateContext = _files?.Certificate,
            RemoteCertificateValidationCallback = Validate,
        };
        if (!protocols.IsEmpty)
        {
            options.ApplicationProtocols = [.. protocols];
        }

        return options;
    }

    private static string Describe(string serverName, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || shown is not X509Certificate2 certificate)
        {
            return "it shows no certificate";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            X509ChainStatusFlags status = X509ChainStatusFlags.NoError;
            foreach (X509ChainStatus one in chain?.ChainStatus ?? [])
            {
                status |= one.Status;
            }

            if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            {
                return $"its certificate, or one above it, is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd} only";
            }

            return (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0
                ? $"its certificate was issued by '{certificate.Issuer}', which leads to no authority that is trusted"
                : $"its certificate is not valid: {status}";
        }

        return $"its certificate is for {NamesOf(certificate)}, not for '{serverName}'";
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        List<string> names = [];
        foreach (X509SubjectAlternativeNameExtension extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames());
            names.AddRange(extension.EnumerateIPAddresses().Select(a => a.ToString()));
        }

        const int Shown = 5;
        return names.Count == 0 ? $"'{certificate.Subject}'" : string.Join(", ", names.Take(Shown).Select(n => $"'{n}'")) + (names.Count > Shown ? " and others" : string.Empty);
    }

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        _onUntrusted(Describe(ServerName, certificate, chain, errors));
        return false;
    }
}
