namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>Whether a resolver that knows the key can prove an answer.</summary>
internal enum Trust
{
    /// <summary>Always.</summary>
    Secure,

    /// <summary>Unless NSEC3 records opt out: the name could be an insecure delegation (RFC 5155, section 9.2).</summary>
    SecureUnlessOptOut,

    /// <summary>Never: the name is in an unsigned zone.</summary>
    Insecure,
}
