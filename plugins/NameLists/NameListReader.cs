using System.Text;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.NameLists;

/// <summary>Reads the properties that plugins with lists have in common.</summary>
internal sealed class NameListReader
{
    private readonly List<ListSource> _lists = [new(NameListOptions.InlineName, null, Allows: false)];
    private readonly List<SourceSpan> _places = [default];
    private readonly List<(byte[] Wire, bool Allows)> _inline = [];

    /// <summary>The lists so far, the Corefile's own first.</summary>
    public IReadOnlyList<ListSource> Lists => _lists;

    /// <summary>True when there are no lists and no names.</summary>
    public bool IsEmpty => _lists.Count == 1 && _inline.Count == 0;

    /// <summary>What was read.</summary>
    /// <param name="plugin">The plugin's name.</param>
    /// <param name="metricPrefix">What the metrics' names begin with.</param>
    /// <param name="reload">How often files are looked at.</param>
    public NameListOptions Options(string plugin, string metricPrefix, TimeSpan reload) =>
        new() { Plugin = plugin, MetricPrefix = metricPrefix, Lists = _lists, Places = _places, Inline = _inline, Reload = reload };

    /// <summary><c>list FILE [NAME]</c></summary>
    /// <param name="reader">The property.</param>
    /// <param name="allows">True when the list's names are allowed instead of blocked.</param>
    public void ReadList(DirectiveReader reader, bool allows)
    {
        if (!reader.TryPath(out string? path))
        {
            return;
        }

        string name = reader.HasArgument ? reader.Word("a name") : Path.GetFileName(path);
        if (_lists.Any(l => l.Name == name))
        {
            reader.Error($"there is a list '{name}' already; write another name behind the file");
        }
        else if (_lists.Count == ListMarks.MaxLists)
        {
            reader.Error($"there can be at most {ListMarks.MaxLists - 1} lists; join some of the files");
        }
        else
        {
            _lists.Add(new ListSource(name, path, allows));
            _places.Add(reader.Directive.Span);
        }
    }

    /// <summary><c>block NAME...</c>, <c>allow NAME...</c></summary>
    public void ReadNames(DirectiveReader reader, bool allows)
    {
        reader.ArgumentCount(1, int.MaxValue, $"{reader.Name} NAME...");
        byte[] wire = new byte[DnsNameView.MaxLength];
        foreach (CorefileToken word in reader.Rest())
        {
            if (ListText.TryReadName(Encoding.UTF8.GetBytes(word.Text), wire, out int length, out string? error))
            {
                _inline.Add((wire[..length], allows));
            }
            else
            {
                reader.Error(word.Span, $"'{word.Text}' is not a name: {error}");
            }
        }
    }

    /// <summary>The arguments of <c>group NAME NETWORK...</c></summary>
    /// <param name="reader">The property.</param>
    /// <param name="taken">The groups before.</param>
    /// <param name="networks">Takes the networks.</param>
    /// <returns>The group's name.</returns>
    public static string ReadGroup(DirectiveReader reader, IEnumerable<string> taken, List<ClientNetwork> networks)
    {
        string name = reader.Word("the group's name");
        if (taken.Contains(name, StringComparer.Ordinal))
        {
            reader.Error($"there is a group '{name}' already");
        }

        reader.ArgumentCount(1, int.MaxValue, "group NAME NETWORK...");
        networks.AddRange(ClientNetwork.ReadAll(reader));
        return name;
    }
}
