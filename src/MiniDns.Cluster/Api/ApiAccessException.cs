namespace MiniDns.Cluster.Api;

/// <summary>How to reach the API server cannot be found out: a file is missing, a kubeconfig has an error, a command failed.</summary>
internal sealed class ApiAccessException : Exception
{
    /// <summary>Says what is wrong.</summary>
    public ApiAccessException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong, and because of what.</summary>
    public ApiAccessException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
