namespace MiniDns.Cluster.Api;

/// <summary>What an exec plugin is told of the cluster.</summary>
internal sealed record ExecCluster(string Server, string? ServerName, bool SkipVerify, string? Authority);
