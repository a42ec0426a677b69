namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>How a zone proves that something is not there.</summary>
public enum Denial
{
    /// <summary>By NSEC records (RFC 4034, section 4).</summary>
    Nsec,

    /// <summary>By NSEC3 records for every name, without salt and further iterations, as RFC 9276 has it.</summary>
    Nsec3,

    /// <summary>By NSEC3 records that leave out insecure delegations (RFC 5155, section 6), with salt and iterations.</summary>
    OptOut,
}
