namespace MiniDns.Queries;

/// <summary>What a handler did with a query.</summary>
public enum DnsOutcome : byte
{
    /// <summary>The query's <see cref="DnsQuery.Response"/> is the reply. A refusal or a failure is a reply too.</summary>
    Replied,

    /// <summary>No handler from here on claims this query; at the end of a chain it becomes SERVFAIL.</summary>
    Unclaimed,

    /// <summary>Send nothing.</summary>
    Dropped,
}
