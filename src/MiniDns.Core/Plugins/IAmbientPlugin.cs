namespace MiniDns.Plugins;

/// <summary>A plugin that works for the server as a whole, and that the process's environment can ask for where no directive does.</summary>
public interface IAmbientPlugin : IDnsPlugin
{
    /// <summary>Sets the plugin up for a configuration without its directive. Opens nothing, starts nothing.</summary>
    /// <param name="services">What every plugin may use.</param>
    /// <returns>What runs with the configuration; null when the environment does not ask for anything.</returns>
    IServerComponent? SetUpWithout(DnsServices services);
}
