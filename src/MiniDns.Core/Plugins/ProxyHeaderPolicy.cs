namespace MiniDns.Plugins;

/// <summary>What happens to a PROXY protocol header, by who sent it.</summary>
public enum ProxyHeaderPolicy
{
    /// <summary>The header's addresses are used; a query without a header is the sender's own.</summary>
    Use,

    /// <summary>The header is taken off and not believed.</summary>
    Ignore,

    /// <summary>Who sends a header is not served.</summary>
    Reject,

    /// <summary>Nobody looks for a header.</summary>
    Skip,
}
