namespace MiniDns.Cluster.Manifests;

/// <summary>What is wrong with a document, so that it was left out.</summary>
/// <param name="Line">The line in the file, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record ManifestProblem(int Line, int Column, string Message);
