namespace MiniDns.Cluster.Manifests;

/// <summary>A document says something that cannot be used.</summary>
internal sealed class ManifestException(ManifestNode node, string message) : Exception(message)
{
    /// <summary>What is wrong, with its place in the file.</summary>
    /// <param name="linesBefore">The lines before the document.</param>
    public ManifestProblem Problem(int linesBefore) => new(linesBefore + (int)node.Line, (int)node.Column, Message);
}
