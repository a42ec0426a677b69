namespace MiniDns.Plugins.Kubernetes;

/// <summary>What became of a question.</summary>
internal enum Finding : byte
{
    /// <summary>There is no such name.</summary>
    NoName,

    /// <summary>The name exists without the type.</summary>
    NoData,

    /// <summary>As <see cref="NoData"/>, judged by endpoints: as long as they are not all known, nobody knows.</summary>
    NoDataYet,

    /// <summary>The answer is in the response.</summary>
    Answered,

    /// <summary>The response ends with an alias whose target lies elsewhere.</summary>
    Leaves,
}
