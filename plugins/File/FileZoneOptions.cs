using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.FileZones;

/// <summary>What one <c>file</c> directive says.</summary>
internal sealed record FileZoneOptions
{
    /// <summary>The zone file.</summary>
    public required string Path { get; init; }

    /// <summary>The zones that are read from it.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>How often the file is looked at; zero means that it is read once.</summary>
    public TimeSpan Reload { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>True when a changed file is read although its serial number is the same.</summary>
    public bool ReloadByTime { get; init; }
}
