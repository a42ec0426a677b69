using MiniDns.IntegrationTests.Support;
using YamlDotNet.RepresentationModel;

namespace MiniDns.IntegrationTests.Kubernetes;

/// <summary>An object of config/kubernetes.</summary>
internal sealed record Manifest(string File, YamlMappingNode Root)
{
    /// <summary>All objects of a directory of config/kubernetes.</summary>
    public static IReadOnlyList<Manifest> Of(string directory) =>
        [.. Directory.EnumerateFiles(Repository.PathOf("config", "kubernetes", directory), "*.yaml").Order(StringComparer.Ordinal).SelectMany(Read)];

    public string Kind => Text("kind");

    public string Name => Text("metadata", "name");

    /// <summary>The text at a place; fails when there is none.</summary>
    public string Text(params string[] path) => ((YamlScalarNode)At(path)).Value!;

    /// <summary>What is at a place: keys of mappings, indexes of lists.</summary>
    public YamlNode At(params string[] path)
    {
        YamlNode at = Root;
        foreach (string step in path)
        {
            at = at switch
            {
                YamlMappingNode map when map.Children.TryGetValue(new YamlScalarNode(step), out YamlNode? child) => child,
                YamlSequenceNode list when int.TryParse(step, out int index) && index < list.Children.Count => list.Children[index],
                _ => throw new Xunit.Sdk.XunitException($"{File}: there is no {string.Join('.', path)}"),
            };
        }

        return at;
    }

    /// <summary>The texts of a list.</summary>
    public IReadOnlyList<string> Texts(params string[] path) => [.. ((YamlSequenceNode)At(path)).Children.Select(c => ((YamlScalarNode)c).Value!)];

    /// <summary>A mapping of texts.</summary>
    public IReadOnlyDictionary<string, string> Map(params string[] path) =>
        ((YamlMappingNode)At(path)).Children.ToDictionary(c => ((YamlScalarNode)c.Key).Value!, c => ((YamlScalarNode)c.Value).Value!);

    private static IEnumerable<Manifest> Read(string file)
    {
        using var reader = new StreamReader(file);
        var yaml = new YamlStream();
        yaml.Load(reader);
        return [.. yaml.Documents.Select(d => new Manifest(Path.GetRelativePath(Repository.Root, file), (YamlMappingNode)d.RootNode))];
    }
}
