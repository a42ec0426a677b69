using System.Net.Security;

namespace MiniDns.Cluster.Api;

/// <summary>Says who connects to the API server, by certificate.</summary>
internal interface IClientCertificate
{
    /// <summary>The certificate for a connection to be made now, or null for none.</summary>
    ValueTask<SslStreamCertificateContext?> CertificateAsync(CancellationToken cancellationToken);
}
