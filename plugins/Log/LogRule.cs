using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Log;

/// <summary>What is logged of the queries for names of one zone, and how.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Format">How a line looks.</param>
/// <param name="Classes">The replies that are logged.</param>
internal sealed record LogRule(DnsName Zone, LogFormat Format, LogClasses Classes);
