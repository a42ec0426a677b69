namespace MiniDns.Plugins;

/// <summary>What the plugins of a block offer each other, complete once every plugin is set up.</summary>
public sealed class BlockCapabilities
{
    private readonly List<object> _items = [];

    /// <summary>Offers something.</summary>
    public void Add(object capability) => _items.Add(capability);

    /// <summary>Everything of one kind, in chain order.</summary>
    public IReadOnlyList<T> All<T>()
        where T : class => [.. _items.OfType<T>()];
}
