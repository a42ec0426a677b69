using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Client.Secure;

/// <summary>The files that say who is trusted and who we are, read again when they change.</summary>
/// <remarks>They are looked at when a connection is opened, at most every few seconds: no watcher, no timer; a server that follows them looks when
/// they change (<see cref="Refresh"/>). A file that cannot be read, or is half written, leaves what was read before in force.</remarks>
public sealed class TlsFiles
{
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(5);

    private readonly string? _certificatePath;
    private readonly string? _keyPath;
    private readonly string? _authorityPath;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Contents _contents;
    private long _checkedAt;

    private TlsFiles(string? certificatePath, string? keyPath, string? authorityPath, TimeProvider time, Contents contents)
    {
        _certificatePath = certificatePath;
        _keyPath = keyPath;
        _authorityPath = authorityPath;
        _time = time;
        _contents = contents;
        _checkedAt = time.GetTimestamp();
    }

    /// <summary>The certificate that we show, with what lies between it and its root; null for none.</summary>
    public SslStreamCertificateContext? Certificate => Current().Certificate;

    /// <summary>Reads the files.</summary>
    /// <param name="certificatePath">Our certificate and what lies between it and its root, in PEM; null for none.</param>
    /// <param name="keyPath">The certificate's private key in PEM; null when there is no certificate.</param>
    /// <param name="authorityPath">Who is trusted, in PEM; null for whom the system trusts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="files">The files' contents.</param>
    /// <param name="error">What is wrong with them.</param>
    public static bool TryLoad(
        string? certificatePath,
        string? keyPath,
        string? authorityPath,
        TimeProvider time,
        [NotNullWhen(true)] out TlsFiles? files,
        [NotNullWhen(false)] out string? error)
    {
        files = TryRead(certificatePath, keyPath, authorityPath, out Contents? contents, out error)
            ? new TlsFiles(certificatePath, keyPath, authorityPath, time, contents)
            : null;
        return files is not null;
    }

    /// <summary>Reads the files if they have changed.</summary>
    /// <param name="certain">True when one is known to have changed, whatever times say.</param>
    /// <param name="error">What is wrong with them, so that what was read before stays in force.</param>
    /// <returns>True when something else is in force now.</returns>
    public bool Refresh(bool certain, out string? error)
    {
        lock (_lock)
        {
            error = null;
            _checkedAt = _time.GetTimestamp();
            if ((!certain && StampOf(_certificatePath, _keyPath, _authorityPath) == _contents.Stamp)
                || !TryRead(_certificatePath, _keyPath, _authorityPath, out Contents? contents, out error))
            {
                return false;
            }

            _contents = contents;
            return true;
        }
    }

    /// <summary>How the other side's certificate is checked.</summary>
    public X509ChainPolicy ChainPolicy()
    {
        Contents contents = Current();
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (contents.Authorities is { } authorities)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        return policy;
    }

    private static bool TryRead(
        string? certificatePath,
        string? keyPath,
        string? authorityPath,
        [NotNullWhen(true)] out Contents? contents,
        [NotNullWhen(false)] out string? error)
    {
        contents = null;
        error = null;
        string path = string.Empty;
        try
        {
            string stamp = StampOf(certificatePath, keyPath, authorityPath);
            X509Certificate2Collection? authorities = null;
            if (authorityPath is not null)
            {
                path = authorityPath;
                authorities = [];
                authorities.ImportFromPem(File.ReadAllText(path));
                if (authorities.Count == 0)
                {
                    error = $"'{path}' holds no certificate in PEM";
                    return false;
                }
            }

            SslStreamCertificateContext? context = null;
            if (certificatePath is not null)
            {
                path = certificatePath;
                var chain = new X509Certificate2Collection();
                chain.ImportFromPem(File.ReadAllText(path));
                if (chain.Count == 0)
                {
                    error = $"'{path}' holds no certificate in PEM";
                    return false;
                }

                path = keyPath ?? certificatePath;
                string key = File.ReadAllText(path);
                X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath), key);
                chain.RemoveAt(0);
                context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
            }

            contents = new Contents(context, authorities, stamp);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error = $"'{path}' cannot be read: {failure.Message}";
            return false;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            error = path == keyPath
                ? $"'{path}' is not the private key of '{certificatePath}': {failure.Message}"
                : $"'{path}' is not a certificate in PEM: {failure.Message}";
            return false;
        }
    }

    private static string StampOf(params ReadOnlySpan<string?> paths)
    {
        string stamp = string.Empty;
        foreach (string? path in paths)
        {
            stamp += path is null ? "-" : $"{File.GetLastWriteTimeUtc(path).Ticks:x}";
        }

        return stamp;
    }

    private Contents Current()
    {
        lock (_lock)
        {
            if (_time.GetElapsedTime(_checkedAt) >= Recheck)
            {
                _checkedAt = _time.GetTimestamp();
                if (StampOf(_certificatePath, _keyPath, _authorityPath) != _contents.Stamp
                    && TryRead(_certificatePath, _keyPath, _authorityPath, out Contents? contents, out _))
                {
                    _contents = contents;
                }
            }

            return _contents;
        }
    }

    private sealed record Contents(SslStreamCertificateContext? Certificate, X509Certificate2Collection? Authorities, string Stamp);
}
