namespace MiniDns.Plugins.Rpz;

/// <summary>The words for triggers and actions, as BIND's log has them.</summary>
internal static class PolicyText
{
    /// <summary>The word for a trigger.</summary>
    public static string Of(PolicyTrigger trigger) => trigger switch
    {
        PolicyTrigger.ClientIp => "CLIENT-IP",
        PolicyTrigger.Qname => "QNAME",
        PolicyTrigger.ResponseIp => "IP",
        PolicyTrigger.Nsdname => "NSDNAME",
        _ => "NSIP",
    };

    /// <summary>The word for an action.</summary>
    public static string Of(PolicyAction action) => action switch
    {
        PolicyAction.Disabled => "DISABLED",
        PolicyAction.Passthru => "PASSTHRU",
        PolicyAction.Drop => "DROP",
        PolicyAction.NxDomain => "NXDOMAIN",
        PolicyAction.NoData => "NODATA",
        PolicyAction.TcpOnly => "TCP-ONLY",
        _ => "Local-Data",
    };
}
