namespace MiniDns.Plugins.Tls;

/// <summary>The files of a <c>tls</c> directive.</summary>
/// <param name="Certificate">The certificate, and what lies between it and its root.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Authorities">Who vouches for clients; null for whom the system trusts.</param>
internal sealed record CertificatePaths(string Certificate, string Key, string? Authorities)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<string> All => Authorities is null ? [Certificate, Key] : [Certificate, Key, Authorities];
}
