using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Auto;

/// <summary>What one <c>auto</c> directive says.</summary>
internal sealed record AutoOptions
{
    /// <summary>The expression when the directive has none.</summary>
    public const string DefaultPattern = @"db\.(.*)";

    /// <summary>The zones whose queries are answered; zones outside of them are read but never asked for.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>The directory; empty when the directive names none, and then there are no zones.</summary>
    public string Directory { get; init; } = string.Empty;

    /// <summary>Which file names are zone files.</summary>
    public required GoRegex Pattern { get; init; }

    /// <summary>Makes a zone's name from a file's.</summary>
    public OriginTemplate Template { get; init; } = OriginTemplate.Parse("{1}");

    /// <summary>How often the directory and the files are looked at; zero means once.</summary>
    public TimeSpan Reload { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>True when a changed file is read although its serial number is the same.</summary>
    public bool ReloadByTime { get; init; }

    /// <summary>The names whose queries go on when a zone does not have them.</summary>
    public Fallthrough Fallthrough { get; init; } = Fallthrough.None;
}
