namespace MiniDns.Protocol;

/// <summary>What <see cref="ProtocolFuzz"/> found.</summary>
public enum ProtocolFuzzOutcome
{
    /// <summary>The octets are not a well-formed message, or the text has errors.</summary>
    Malformed,

    /// <summary>All was read, written and read back alike.</summary>
    RoundTripped,

    /// <summary>All was read, but written anew it does not fit into 65,535 octets.</summary>
    TooLong,

    /// <summary>What was read back differs: a bug.</summary>
    Mismatch,
}
