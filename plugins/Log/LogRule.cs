using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Log;

/// <summary>What is logged of the queries for names of one zone, and how.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Format">How a line looks.</param>
/// <param name="Classes">The replies that are logged.</param>
/// <param name="Every">One of how many queries is logged.</param>
/// <param name="AlwaysSampled">The replies that are logged whether or not their query is that one.</param>
/// <param name="Slower">The least time that a query must have taken to be logged; zero for none.</param>
/// <param name="AlwaysSlow">The replies that are logged however fast they were.</param>
internal sealed record LogRule(
    DnsName Zone, ILogFormat Format, LogClasses Classes, int Every, LogClasses AlwaysSampled, TimeSpan Slower, LogClasses AlwaysSlow);
