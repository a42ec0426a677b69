namespace MiniDns.Plugins.Log;

/// <summary>What a reply amounts to.</summary>
internal enum ReplyKind : byte
{
    /// <summary>Records, or NOERROR with nothing to tell.</summary>
    NoError,

    /// <summary>The name does not exist.</summary>
    NameError,

    /// <summary>SERVFAIL or NOTIMP.</summary>
    ServerError,

    /// <summary>The name exists, the type does not.</summary>
    NoData,

    /// <summary>A referral to other name servers.</summary>
    Delegation,

    /// <summary>A zone transfer.</summary>
    Meta,

    /// <summary>Anything else, and no reply.</summary>
    OtherError,
}
