namespace MiniDns.Plugins.Cache;

/// <summary>What a response says, as far as keeping it is concerned.</summary>
internal enum ResponseKind : byte
{
    /// <summary>Nothing that may be kept.</summary>
    NotKept,

    /// <summary>NOERROR with records, or with nothing that says how long nothing is to be believed.</summary>
    Positive,

    /// <summary>A referral: NOERROR, no answer, NS records of a zone further down.</summary>
    Referral,

    /// <summary>The name exists, the type does not (RFC 2308 §2.2).</summary>
    NoData,

    /// <summary>The name does not exist (RFC 2308 §2.1).</summary>
    NameError,

    /// <summary>SERVFAIL or NOTIMP (RFC 9520).</summary>
    Failure,
}
