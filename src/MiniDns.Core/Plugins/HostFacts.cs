namespace MiniDns.Plugins;

/// <summary>Facts about the process that plugins tell others.</summary>
/// <param name="Version">The server's version, <c>MiniDns-1.2.3</c>.</param>
/// <param name="HostName">The machine's name.</param>
public sealed record HostFacts(string Version, string HostName)
{
    /// <summary>The revision of the source that the server was built from; empty when that is not known.</summary>
    public string Revision { get; init; } = "";
}
