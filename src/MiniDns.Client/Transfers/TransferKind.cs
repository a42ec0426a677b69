namespace MiniDns.Client.Transfers;

/// <summary>What a transfer brings.</summary>
public enum TransferKind
{
    /// <summary>Nothing: the primary has no newer version (RFC 1995 §2).</summary>
    Current,

    /// <summary>All records of the zone (RFC 5936).</summary>
    Full,

    /// <summary>The records that were removed and added since a version (RFC 1995 §4).</summary>
    Incremental,
}
