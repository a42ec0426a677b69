using MiniDns.Plugins.NameLists;

namespace MiniDns.Plugins.Rpz;

/// <summary>What an <c>rpz</c> directive says.</summary>
internal sealed record RpzOptions
{
    /// <summary>How many zones there can be.</summary>
    public const int MaxZones = 64;

    /// <summary>The zones, those that come first in precedence first.</summary>
    public required IReadOnlyList<RpzZoneOptions> Zones { get; init; }

    /// <summary>The names that no policy holds for; null when there are none.</summary>
    public NameListOptions? Allowed { get; init; }

    /// <summary>The groups.</summary>
    public IReadOnlyList<RpzGroup> Groups { get; init; } = [];

    /// <summary>True when the question is asked even if the answer is already clear.</summary>
    public bool WaitsForAnswer { get; init; }

    /// <summary>True when signed answers are rewritten too, for clients that want signatures.</summary>
    public bool BreaksDnssec { get; init; } = true;

    /// <summary>How often files are looked at when no notification comes; zero means that they are read once.</summary>
    public TimeSpan Reload { get; init; } = TimeSpan.FromSeconds(10);
}
