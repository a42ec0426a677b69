using MiniDns.Zones;

namespace MiniDns.Plugins.FileZones;

/// <summary>A zone file and when it is looked at again.</summary>
/// <param name="File">The file.</param>
/// <param name="Interval">How often; zero for never.</param>
/// <param name="ByTime">True when a changed file is read although its serial number is the same.</param>
internal sealed record FileReload(ZoneFile File, TimeSpan Interval, bool ByTime);
