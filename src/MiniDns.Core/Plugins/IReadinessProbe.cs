namespace MiniDns.Plugins;

/// <summary>A plugin that can say whether it is ready to answer.</summary>
public interface IReadinessProbe
{
    /// <summary>The plugin's name, for the list of those that are not ready.</summary>
    string Name { get; }

    /// <summary>True once the plugin can answer.</summary>
    bool IsReady { get; }
}
