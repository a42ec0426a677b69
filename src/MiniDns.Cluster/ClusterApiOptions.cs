namespace MiniDns.Cluster;

/// <summary>Which API server to ask, and how. Nothing is opened or read before a source starts.</summary>
public sealed record ClusterApiOptions
{
    /// <summary>The server's URL; null for the cluster that the process runs in (service account), or the one of <see cref="KubeConfigPath"/>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The client certificate's file (PEM); null for none.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>The file of the client certificate's key (PEM).</summary>
    public string? KeyPath { get; init; }

    /// <summary>The file of the authorities that the server's certificate may come from (PEM); null for the system's.</summary>
    public string? AuthorityPath { get; init; }

    /// <summary>A kubeconfig file; null for none. It goes before the rest.</summary>
    public string? KubeConfigPath { get; init; }

    /// <summary>The context of the kubeconfig; null for its current one.</summary>
    public string? KubeConfigContext { get; init; }

    /// <summary>The directory of the service account, <c>token</c> and <c>ca.crt</c>.</summary>
    public string ServiceAccountDirectory { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Requests a second, on average; 0 for 50: failures slow down by themselves, and a list of many pages must not.</summary>
    public double QueriesPerSecond { get; init; }

    /// <summary>Requests at once, above the average; 0 for 100.</summary>
    public int Burst { get; init; }

    /// <summary>Requests in flight at a time, watches that run not counted; 0 for no limit.</summary>
    public int MaxInFlight { get; init; }
}
