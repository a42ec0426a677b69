namespace MiniDns.Queries;

/// <summary>The header flags that a handler decides about; the others follow from the query.</summary>
[Flags]
public enum DnsResponseFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>AA: the answer is authoritative.</summary>
    Authoritative = 1,

    /// <summary>RA: recursion is available.</summary>
    RecursionAvailable = 2,

    /// <summary>AD: the data was validated (RFC 6840 §5.8).</summary>
    AuthenticData = 4,

    /// <summary>TC: something is missing although it may fit, as an upstream told us.</summary>
    Truncated = 8,

    /// <summary>Not sent: an error code that stands for "no such name" in the mouth of a plugin that has no SOA to deny a name
    /// with (<c>hosts</c> without <c>fallthrough</c> answers SERVFAIL). Our own plugins may then look elsewhere.</summary>
    NoSuchName = 16,

    /// <summary>Not sent: the response is another server's. AA, if it has it, holds for this one reply: what is remembered of it is not authoritative.</summary>
    Forwarded = 32,
}
