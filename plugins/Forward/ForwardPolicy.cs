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

    /// <summary>Those that answer fastest first, in any order among themselves when they are about as fast.</summary>
    Fastest,

    /// <summary>Several at once, in any order; the first good answer counts.</summary>
    Race,
}
