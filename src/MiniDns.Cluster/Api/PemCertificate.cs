using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Cluster.Api;

/// <summary>A client certificate with its key, from PEM texts or files; files are read again when they were replaced.</summary>
internal sealed class PemCertificate : IClientCertificate
{
    private readonly Lock _lock = new();
    private readonly string? _certificatePath;
    private readonly string? _keyPath;
    private SslStreamCertificateContext? _context;
    private (DateTime Certificate, DateTime Key) _writtenAt;

    private PemCertificate(string? certificatePath, string? keyPath)
    {
        _certificatePath = certificatePath;
        _keyPath = keyPath;
    }

    public static PemCertificate FromPem(string certificate, string key) => new(null, null) { _context = Parse(certificate, key, "client certificate") };

    public static PemCertificate FromFiles(string certificatePath, string keyPath)
    {
        var certificate = new PemCertificate(certificatePath, keyPath);
        certificate.Current();
        return certificate;
    }

    public ValueTask<SslStreamCertificateContext?> CertificateAsync(CancellationToken cancellationToken) => new(Current());

    private static SslStreamCertificateContext Parse(string certificate, string key, string source)
    {
        try
        {
            using X509Certificate2 own = X509Certificate2.CreateFromPem(certificate, key);
            var all = new X509Certificate2Collection();
            all.ImportFromPem(certificate);

            // A key that lives in memory only cannot be used for TLS on every platform; one that went through PKCS #12 can.
            X509Certificate2 usable = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null);
            return SslStreamCertificateContext.Create(usable, [.. all.Skip(1)], offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ApiAccessException($"{source}: {e.Message}", e);
        }
    }

    private SslStreamCertificateContext? Current()
    {
        if (_certificatePath is null || _keyPath is null)
        {
            return _context;
        }

        lock (_lock)
        {
            try
            {
                (DateTime, DateTime) writtenAt = (File.GetLastWriteTimeUtc(_certificatePath), File.GetLastWriteTimeUtc(_keyPath));
                if (_context is null || writtenAt != _writtenAt)
                {
                    _context = Parse(File.ReadAllText(_certificatePath), File.ReadAllText(_keyPath), _certificatePath);
                    _writtenAt = writtenAt;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ApiAccessException)
            {
                // Halfway through a replacement the pair does not fit together; the one from before still does.
                if (_context is null)
                {
                    throw e as ApiAccessException ?? new ApiAccessException($"client certificate '{_certificatePath}': {e.Message}", e);
                }
            }

            return _context;
        }
    }
}
