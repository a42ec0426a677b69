namespace MiniDns.Plugins.K8sExternal;

/// <summary>What became of a question.</summary>
internal enum ExternalFinding : byte
{
    /// <summary>There is no such name.</summary>
    NoName,

    /// <summary>The name exists without the type.</summary>
    NoData,

    /// <summary>The answer is in the response.</summary>
    Answered,

    /// <summary>The response ends with an alias whose target lies elsewhere.</summary>
    Leaves,
}
