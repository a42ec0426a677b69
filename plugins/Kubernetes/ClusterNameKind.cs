namespace MiniDns.Plugins.Kubernetes;

/// <summary>What a name in a zone is of.</summary>
internal enum ClusterNameKind : byte
{
    /// <summary>Nothing that the schema knows.</summary>
    Unknown,

    /// <summary>The zone itself.</summary>
    Apex,

    /// <summary><c>dns-version</c>.</summary>
    Version,

    /// <summary><c>ns.dns</c>, or <c>dns</c> above it.</summary>
    NameServer,

    /// <summary><c>svc</c>, or a name below it.</summary>
    Service,

    /// <summary><c>pod</c>, or a name below it.</summary>
    Pod,
}
