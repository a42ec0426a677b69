namespace MiniDns.Plugins;

/// <summary>What the plugins of a block offer each other, complete once every plugin is set up.</summary>
public sealed class BlockCapabilities
{
    private readonly List<object> _items = [];

    /// <summary>Offers something. What is offered under several types counts once, where it was offered first.</summary>
    public void Add(object capability)
    {
        if (!_items.Exists(i => ReferenceEquals(i, capability)))
        {
            _items.Add(capability);
        }
    }

    /// <summary>Everything of one kind, in chain order, each thing once.</summary>
    public IReadOnlyList<T> All<T>()
        where T : class => [.. _items.OfType<T>()];
}
