namespace MiniDns.Plugins.Blocklist;

/// <summary>How a question for a blocked name is answered.</summary>
internal enum BlockAnswerKind
{
    /// <summary>NXDOMAIN.</summary>
    NxDomain,

    /// <summary>NOERROR without records.</summary>
    NoData,

    /// <summary>REFUSED.</summary>
    Refused,

    /// <summary>Addresses that are written; the null addresses by default.</summary>
    Address,
}
