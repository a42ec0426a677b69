namespace MiniDns.Plugins.Ready;

/// <summary>The plugins of one server block that can say whether they are ready.</summary>
internal sealed class ReadyGroup
{
    /// <summary>The plugins, once all of the block are set up.</summary>
    public IReadOnlyList<IReadinessProbe> Probes { get; set; } = [];
}
