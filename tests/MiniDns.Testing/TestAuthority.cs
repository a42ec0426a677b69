using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MiniDns.Testing;

/// <summary>An authority of a test's own that issues certificates.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _root;

    /// <summary>Makes an authority.</summary>
    /// <param name="name">Its name.</param>
    public TestAuthority(string name = "MiniDns tests")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-400), DateTimeOffset.UtcNow.AddDays(400));
    }

    /// <summary>The authority's certificate in PEM.</summary>
    public string Pem => _root.ExportCertificatePem();

    /// <summary>Issues a certificate.</summary>
    /// <param name="names">The names and addresses it is for.</param>
    /// <param name="expired">Whether its time is over.</param>
    public X509Certificate2 Issue(IReadOnlyList<string> names, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        DateTimeOffset end = expired ? DateTimeOffset.UtcNow.AddDays(-2) : DateTimeOffset.UtcNow.AddDays(30);
        using X509Certificate2 certificate = request.Create(_root, DateTimeOffset.UtcNow.AddDays(-30), end, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Issues a certificate and gives it and its private key in PEM.</summary>
    /// <param name="names">The names and addresses it is for.</param>
    /// <param name="expired">Whether its time is over.</param>
    public (string Certificate, string Key) IssuePem(IReadOnlyList<string> names, bool expired = false)
    {
        using X509Certificate2 certificate = Issue(names, expired);
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>Issues a certificate and writes it and its key into PEM files.</summary>
    /// <param name="certificatePath">Takes the certificate.</param>
    /// <param name="keyPath">Takes the private key.</param>
    /// <param name="names">The names and addresses it is for.</param>
    public void IssueTo(string certificatePath, string keyPath, IReadOnlyList<string> names)
    {
        (string certificate, string key) = IssuePem(names);
        File.WriteAllText(certificatePath, certificate);
        File.WriteAllText(keyPath, key);
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();
}
