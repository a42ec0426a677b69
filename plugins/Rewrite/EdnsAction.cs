namespace MiniDns.Plugins.Rewrite;

/// <summary>What is done with an EDNS option.</summary>
internal enum EdnsAction : byte
{
    /// <summary>Replaced, or added when there is none.</summary>
    Set,

    /// <summary>Replaced when there is one.</summary>
    Replace,

    /// <summary>Added when there is none.</summary>
    Append,

    /// <summary>Removed.</summary>
    Unset,
}
