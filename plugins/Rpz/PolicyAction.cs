namespace MiniDns.Plugins.Rpz;

/// <summary>What is done with an answer that a policy record speaks of (draft-vixie-dnsop-dns-rpz §3).</summary>
internal enum PolicyAction : byte
{
    /// <summary>What the record says; only where an override may stand.</summary>
    Given,

    /// <summary>Nothing is done, but it is told and counted; only as an override.</summary>
    Disabled,

    /// <summary>The answer is left as it is, whatever other records say.</summary>
    Passthru,

    /// <summary>No answer is sent.</summary>
    Drop,

    /// <summary>NXDOMAIN.</summary>
    NxDomain,

    /// <summary>NOERROR without records.</summary>
    NoData,

    /// <summary>A client that asks over UDP is told to ask over TCP.</summary>
    TcpOnly,

    /// <summary>Other records.</summary>
    Local,
}
