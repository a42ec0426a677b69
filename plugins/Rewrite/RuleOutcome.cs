namespace MiniDns.Plugins.Rewrite;

/// <summary>What a rule did with a query.</summary>
internal enum RuleOutcome : byte
{
    /// <summary>Nothing: it is not for this query.</summary>
    Ignored,

    /// <summary>It applied.</summary>
    Done,

    /// <summary>It is for this query, but what it makes of the name is no name.</summary>
    BadName,
}
