using System.Globalization;

namespace MiniDns.Cluster.Api;

/// <summary>Where an API server is, how to know it and how to be known to it.</summary>
internal sealed class ApiAccess
{
    public ApiAccess(Uri server) => Server = server;

    /// <summary>The server's address, <c>https://10.96.0.1/</c>; it ends with a slash.</summary>
    public Uri Server { get; }

    /// <summary>The name that the server's certificate must carry, when it is not the address's.</summary>
    public string? ServerName { get; init; }

    /// <summary>What the server's certificate must lead to; null means what the system trusts.</summary>
    public TrustedAuthorities? Authorities { get; init; }

    /// <summary>Whether any certificate is taken.</summary>
    public bool SkipVerify { get; init; }

    public IApiCredential? Credential { get; init; }

    public IClientCertificate? Certificate { get; init; }

    /// <summary>What options say; files are read now.</summary>
    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="variable">Reads an environment variable; the process's by default.</param>
    /// <exception cref="ApiAccessException">A file is missing or no good, or there is neither an address nor a cluster around.</exception>
    public static ApiAccess From(ClusterApiOptions options, TimeProvider time, Func<string, string?>? variable = null)
    {
        if (options.KubeConfigPath is { } path)
        {
            return KubeconfigFile.Read(path, options.KubeConfigContext, time);
        }

        if (options.Endpoint is null)
        {
            return InCluster(options.ServiceAccountDirectory, time, variable ?? Environment.GetEnvironmentVariable);
        }

        return new ApiAccess(Address(options.Endpoint.OriginalString))
        {
            Authorities = options.AuthorityPath is { } authority ? TrustedAuthorities.FromFile(authority) : null,
            Certificate = options is { CertificatePath: { } certificate, KeyPath: { } key } ? PemCertificate.FromFiles(certificate, key) : null,
        };
    }

    /// <summary>The address of a server as people write it, ending with a slash.</summary>
    public static Uri Address(string server)
    {
        string text = server.Contains("://", StringComparison.Ordinal) ? server : "https://" + server;
        if (!Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.Query.Length > 0)
        {
            throw new ApiAccessException($"'{server}' is not the address of an API server, such as 'https://10.96.0.1:443'");
        }

        return uri;
    }

    // What a pod is given: the address in its environment; authority and token, which rotates, in files.
    private static ApiAccess InCluster(string directory, TimeProvider time, Func<string, string?> variable)
    {
        string? host = variable("KUBERNETES_SERVICE_HOST");
        string? port = variable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
        {
            throw new ApiAccessException("this is no pod of a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; name an 'endpoint' or a 'kubeconfig'");
        }

        return new ApiAccess(new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{number}/"))
        {
            Authorities = TrustedAuthorities.FromFile(Path.Combine(directory, "ca.crt")),
            Credential = new TokenFileCredential(Path.Combine(directory, "token"), time),
        };
    }
}
