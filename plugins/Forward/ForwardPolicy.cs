namespace MiniDns.Plugins.Forward;

/// <summary>In which order upstreams are tried.</summary>
internal enum ForwardPolicy
{
    /// <summary>Any order, anew for each query.</summary>
    Random,

    /// <summary>Each query starts with the next one.</summary>
    RoundRobin,

    /// <summary>As written.</summary>
    Sequential,
}
