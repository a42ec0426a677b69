namespace MiniDns.Testing.Kubernetes;

/// <summary>A request as Kubernetes authorizes it.</summary>
/// <param name="User">Who asked: <c>token:VALUE</c>, <c>cert:NAME</c>, <c>basic:USER</c> or <c>anonymous</c>.</param>
/// <param name="Verb"><c>get</c>, <c>list</c>, <c>watch</c>, or the method for paths that are no resources.</param>
/// <param name="Group">The API group; empty for the core.</param>
/// <param name="Version">The group's version.</param>
/// <param name="Resource">The plural of the kind; empty for other paths.</param>
/// <param name="Namespace">The namespace; empty for all of them.</param>
/// <param name="Name">The object's name; empty for lists.</param>
/// <param name="Path">Path and query as asked.</param>
/// <param name="Query">The query's parameters.</param>
public sealed record FakeApiRequest(string User, string Verb, string Group, string Version, string Resource, string Namespace, string Name, string Path, IReadOnlyDictionary<string, string> Query)
{
    /// <summary>A parameter; empty when absent.</summary>
    public string this[string name] => Query.GetValueOrDefault(name, "");

    /// <inheritdoc/>
    public override string ToString() => $"{Verb} {Path} as {User}";
}
