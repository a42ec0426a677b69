namespace MiniDns.Client;

/// <summary>How a try to get an answer from an upstream ended.</summary>
public enum ExchangeStatus : byte
{
    /// <summary>It has not ended.</summary>
    Pending,

    /// <summary>With an answer, which is for this very question.</summary>
    Answered,

    /// <summary>Without an answer in time.</summary>
    TimedOut,

    /// <summary>The upstream's host says that nobody listens there.</summary>
    Refused,

    /// <summary>There is no way to the upstream, or no socket to be had.</summary>
    Unreachable,

    /// <summary>The upstream closed the connection without an answer.</summary>
    Closed,

    /// <summary>As many queries as are allowed wait for this upstream already; nothing was sent.</summary>
    Busy,

    /// <summary>The upstream could not be talked to in secret: its certificate is not trusted, or it does not speak TLS.</summary>
    Untrusted,

    /// <summary>The client was stopped.</summary>
    Stopped,
}
