namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>What signs a zone.</summary>
public enum Signer
{
    /// <summary>BIND's <c>dnssec-signzone</c>.</summary>
    Bind,

    /// <summary>Knot's <c>kzonesign</c>.</summary>
    Knot,
}
