using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Dnssec;

/// <summary>The counters of one address of the server.</summary>
/// <param name="Hits">RRsets whose signatures were there.</param>
/// <param name="Misses">RRsets whose signatures had to be made.</param>
internal sealed record DnssecCounters(StripedCounter Hits, StripedCounter Misses);
