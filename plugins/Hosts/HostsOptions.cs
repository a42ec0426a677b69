using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Hosts;

/// <summary>What a <c>hosts</c> directive says.</summary>
internal sealed record HostsOptions
{
    /// <summary>The file read when the directive names none.</summary>
    public const string DefaultPath = "/etc/hosts";

    /// <summary>The longest TTL, in seconds.</summary>
    public const int MaxTtl = 65535;

    /// <summary>The hosts file.</summary>
    public string Path { get; init; } = DefaultPath;

    /// <summary>The zones whose names are served; entries outside of them are not kept.</summary>
    public required IReadOnlyList<DnsName> Zones { get; init; }

    /// <summary>The entries that stand in the Corefile itself.</summary>
    public IReadOnlyList<HostsEntry> Inline { get; init; } = [];

    /// <summary>The TTL of every record, in seconds.</summary>
    public uint Ttl { get; init; } = 3600;

    /// <summary>True when PTR records are made from the entries.</summary>
    public bool Reverse { get; init; } = true;

    /// <summary>How often the file is looked at when no notification comes; zero means that it is read once.</summary>
    public TimeSpan Reload { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The zones for which a miss goes to the next plugin.</summary>
    public Fallthrough Fallthrough { get; init; } = Fallthrough.None;

    /// <summary>True when types other than A, AAAA and PTR go to the next plugin although the name is known.</summary>
    public bool FallthroughUnsupported { get; init; }

    /// <summary>True when the same file gives the same records under the other options.</summary>
    public bool GivesSameRecords(HostsOptions other) =>
        Path == other.Path
        && Ttl == other.Ttl
        && Reverse == other.Reverse
        && Zones.SequenceEqual(other.Zones)
        && Inline.SequenceEqual(other.Inline);
}
