namespace MiniDns.Client.Transfers;

/// <summary>Why a question to a primary, or a transfer from it, came to nothing.</summary>
public enum TransferError
{
    /// <summary>It did not fail.</summary>
    None,

    /// <summary>No connection could be made.</summary>
    Unreachable,

    /// <summary>The connection ended before the transfer did.</summary>
    Closed,

    /// <summary>The primary took too long.</summary>
    TimedOut,

    /// <summary>The primary answered with an error code.</summary>
    Refused,

    /// <summary>The answer breaks the protocol.</summary>
    Malformed,

    /// <summary>The transfer is larger than it may be.</summary>
    TooLarge,

    /// <summary>The answer is not signed, or not signed well (RFC 8945).</summary>
    BadSignature,

    /// <summary>The primary is not authoritative for the zone.</summary>
    NotAuthoritative,
}
