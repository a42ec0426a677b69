namespace MiniDns.Plugins.Ratelimit;

/// <summary>What is counted on its own.</summary>
internal enum ResponseClass
{
    /// <summary>NOERROR with records in the answer section; counted by name and type.</summary>
    Responses,

    /// <summary>NOERROR without records; counted by zone.</summary>
    NoData,

    /// <summary>NXDOMAIN; counted by zone.</summary>
    NxDomain,

    /// <summary>NOERROR that points to other servers; counted by the delegated zone.</summary>
    Referrals,

    /// <summary>Every other code; counted together.</summary>
    Errors,

    /// <summary>All responses to a network.</summary>
    All,

    /// <summary>Queries from addresses that may be forged.</summary>
    Queries,

    /// <summary>Queries from addresses that are not forged.</summary>
    ProvedQueries,
}
