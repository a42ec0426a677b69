namespace MiniDns.Testing.Kubernetes;

/// <summary>How the test API server takes <c>sendInitialEvents</c>.</summary>
public enum FakeStreaming
{
    /// <summary>As servers with the WatchList feature do.</summary>
    Supported,

    /// <summary>As servers that know the parameter but have the feature off do: with status 422.</summary>
    Refused,

    /// <summary>As servers that are older do: they ignore it.</summary>
    Ignored,
}
