namespace MiniDns.Plugins;

/// <summary>A component that wants to know that its configuration answers queries: at the start of the process, and after each reload that succeeds.</summary>
public interface IServingListener
{
    /// <summary>Runs once, when every listener has the configuration; returns at once. Never called for a configuration that is only tried out.</summary>
    void OnServing();
}
