using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Cluster.Api;

/// <summary>The certificates a server's certificate must lead to; a file is read again when it was replaced.</summary>
internal sealed class TrustedAuthorities
{
    private readonly Lock _lock = new();
    private readonly string? _path;
    private X509Certificate2Collection _certificates = [];
    private DateTime _writtenAt;

    private TrustedAuthorities(string? path) => _path = path;

    public static TrustedAuthorities FromPem(string pem, string source)
    {
        var authorities = new TrustedAuthorities(null);
        authorities.Import(pem, source);
        return authorities;
    }

    public static TrustedAuthorities FromFile(string path)
    {
        var authorities = new TrustedAuthorities(path);
        authorities.Current();
        return authorities;
    }

    /// <summary>The certificates as of now.</summary>
    public X509Certificate2Collection Current()
    {
        lock (_lock)
        {
            if (_path is null)
            {
                return _certificates;
            }

            try
            {
                DateTime writtenAt = File.GetLastWriteTimeUtc(_path);
                if (writtenAt != _writtenAt || _certificates.Count == 0)
                {
                    Import(File.ReadAllText(_path), _path);
                    _writtenAt = writtenAt;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ApiAccessException)
            {
                if (_certificates.Count == 0)
                {
                    throw e as ApiAccessException ?? new ApiAccessException($"certificate authority '{_path}': {e.Message}", e);
                }
            }

            return _certificates;
        }
    }

    /// <summary>Whether a server's certificate leads to one of these; any of them may be the end of its chain, self-signed or not.</summary>
    public bool Trusts(X509Certificate2 certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        X509Certificate2Collection anchors = Current();
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));  // a server's
        chain.ChainPolicy.CustomTrustStore.AddRange(anchors);
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
        }

        if (chain.Build(certificate))
        {
            return true;
        }

        return chain.ChainStatus.All(s => s.Status is X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.NoError)
            && anchors.Any(a => a.RawDataMemory.Span.SequenceEqual(chain.ChainElements[^1].Certificate.RawDataMemory.Span));
    }

    private void Import(string pem, string source)
    {
        var read = new X509Certificate2Collection();
        try
        {
            read.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new ApiAccessException($"certificate authority '{source}': {e.Message}", e);
        }

        if (read.Count == 0)
        {
            throw new ApiAccessException($"certificate authority '{source}' holds no PEM certificate");
        }

        _certificates = read;
    }
}
