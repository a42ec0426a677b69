namespace MiniDns.Queries;

/// <summary>What a query's COOKIE option says about its sender (RFC 7873 §5.2).</summary>
public enum CookieVerdict : byte
{
    /// <summary>There is no COOKIE option.</summary>
    None,

    /// <summary>Only the client's part is there: it has not been here before, or has forgotten.</summary>
    ClientOnly,

    /// <summary>The server's part is not from here, is for another address, or is too old.</summary>
    Bad,

    /// <summary>The server's part was sent to this address not long ago: the address is not forged.</summary>
    Good,
}
