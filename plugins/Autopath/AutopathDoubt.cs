namespace MiniDns.Plugins.Autopath;

/// <summary>Why a name that looks like a client's first step may be another client's second: <c>foo.com.au</c> in the domain <c>svc.ZONE</c> is
/// <c>foo.com</c> in the namespace <c>au</c>.</summary>
internal enum AutopathDoubt : byte
{
    /// <summary>The namespace may be a top-level domain: below one that is not there nothing is (RFC 8020).</summary>
    TopLevel,

    /// <summary>It is one, or nobody knows: the other client's name may be there.</summary>
    OtherName,

    /// <summary>There is no doubt, or no more.</summary>
    None,
}
