namespace MiniDns.Cluster.Objects;

/// <summary>The transport protocol of a port.</summary>
public enum ClusterProtocol : byte
{
    /// <summary>TCP, also where an object names none.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>SCTP.</summary>
    Sctp,

    /// <summary>A name that Kubernetes does not know: it fits no question.</summary>
    Other,
}
