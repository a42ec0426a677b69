using MiniDns.Plugins.Capabilities;
using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>A label of metadata, bound to what knows its value when the block is wired (<see cref="PluginSetup.WhenWired"/>).</summary>
/// <param name="name">The label, <c>kubernetes/client-namespace</c>.</param>
public sealed class MetadataLabel(string name)
{
    /// <summary>The longest value, in octets; longer ones are cut off.</summary>
    public const int MaxValueLength = 1024;

    private IMetadataSource? _source;
    private IMetadataScope? _scope;
    private int _index;

    /// <summary>The label.</summary>
    public string Name { get; } = name;

    /// <summary>True when some plugin of the block knows the label and the block has <c>metadata</c>.</summary>
    public bool IsBound => _source is not null && _scope is not null;

    /// <summary>Finds the source among what the block's plugins offer. The first plugin that has the label wins.</summary>
    public void Bind(BlockCapabilities block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _scope = block.All<IMetadataScope>() is [IMetadataScope first, ..] ? first : null;
        foreach (IMetadataSource source in block.All<IMetadataSource>())
        {
            if (source.IndexOf(Name) is >= 0 and int index)
            {
                (_source, _index) = (source, index);
                return;
            }
        }
    }

    /// <summary>Writes the label's value.</summary>
    /// <param name="query">The query.</param>
    /// <param name="destination">Takes the value in UTF-8; <see cref="MaxValueLength"/> octets hold any.</param>
    /// <param name="written">How many octets were written.</param>
    /// <returns>False when there is none: nobody knows the label, or not for this query.</returns>
    public bool TryRead(DnsQuery query, Span<byte> destination, out int written)
    {
        written = 0;
        return _source is { } source && _scope is { } scope && scope.Covers(query) && source.TryRead(query, _index, destination, out written);
    }
}
