namespace MiniDns.Plugins.Rpz;

/// <summary>What a policy record looks at (draft-vixie-dnsop-dns-rpz §4), in the order of precedence within a zone.</summary>
internal enum PolicyTrigger : byte
{
    /// <summary>Who asks.</summary>
    ClientIp,

    /// <summary>The name that is asked for, or one that aliases lead to.</summary>
    Qname,

    /// <summary>An address in the answer.</summary>
    ResponseIp,

    /// <summary>The name of a server of the name's zone, or of one above it.</summary>
    Nsdname,

    /// <summary>The address of such a server.</summary>
    Nsip,
}
