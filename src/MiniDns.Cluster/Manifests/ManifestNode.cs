using System.Globalization;
using System.Text;
using YamlDotNet.RepresentationModel;

namespace MiniDns.Cluster.Manifests;

/// <summary>A place in a document, and what is expected there.</summary>
internal readonly struct ManifestNode(YamlNode node, string path)
{
    public long Line => node.Start.Line;

    public long Column => node.Start.Column;

    /// <summary>The text of a scalar.</summary>
    public string Text => node is YamlScalarNode scalar ? scalar.Value ?? string.Empty : throw Wrong("is not a text");

    public byte[] Utf8 => Encoding.UTF8.GetBytes(Text);

    /// <summary>The members of a list.</summary>
    public IEnumerable<ManifestNode> Items
    {
        get
        {
            if (node is not YamlSequenceNode sequence)
            {
                throw Wrong("is not a list; write '- ' before each member");
            }

            string name = path;
            return sequence.Children.Select((child, i) => new ManifestNode(child, string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]")));
        }
    }

    /// <summary>The members of a map.</summary>
    public IEnumerable<(string Key, ManifestNode Value)> Members
    {
        get
        {
            string name = path;
            return Map().Children.Select(child => ((child.Key as YamlScalarNode)?.Value ?? string.Empty, new ManifestNode(child.Value, name + "." + child.Key)));
        }
    }

    /// <summary>A whole number.</summary>
    public int Integer(int least, int most) =>
        int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"is not a whole number from {least} to {most}"));

    /// <summary>True or false.</summary>
    public bool Boolean => Text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => throw Wrong("is neither true nor false"),
    };

    /// <summary>A member of a map; null when it is not there or null.</summary>
    public ManifestNode? Get(string key)
    {
        if (!Map().Children.TryGetValue(new YamlScalarNode(key), out YamlNode? child)
            || (child is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: null or "" or "~" or "null" }))
        {
            return null;
        }

        return new ManifestNode(child, path.Length == 0 ? key : path + "." + key);
    }

    /// <summary>A member of a map that has to be there.</summary>
    public ManifestNode Require(string key) => Get(key) ?? throw new ManifestException(this, $"'{(path.Length == 0 ? key : path + "." + key)}' is missing");

    /// <summary>Says what is wrong here.</summary>
    public ManifestException Wrong(string message) => new(this, $"'{path}' {message}");

    private YamlMappingNode Map() => node as YamlMappingNode ?? throw (path.Length == 0
        ? new ManifestException(this, "a document starts with keys such as 'kind:' and 'metadata:'")
        : Wrong("is not a map of keys and values"));
}
