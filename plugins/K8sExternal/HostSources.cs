namespace MiniDns.Plugins.K8sExternal;

/// <summary>The kinds of objects that have host names of their own (<c>hostnames</c>).</summary>
[Flags]
internal enum HostSources
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Ingress.</summary>
    Ingress = 1,

    /// <summary>Gateway and HTTPRoute.</summary>
    Gateway = 2,

    /// <summary>Annotations of services.</summary>
    Service = 4,

    /// <summary>All of them.</summary>
    All = Ingress | Gateway | Service,
}
