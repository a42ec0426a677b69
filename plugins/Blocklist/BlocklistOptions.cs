using MiniDns.Plugins.NameLists;

namespace MiniDns.Plugins.Blocklist;

/// <summary>What a <c>blocklist</c> directive says.</summary>
internal sealed record BlocklistOptions
{
    /// <summary>The lists.</summary>
    public required NameListOptions Names { get; init; }

    /// <summary>The clients that are in no group.</summary>
    public required BlockGroup Everybody { get; init; }

    /// <summary>The groups.</summary>
    public IReadOnlyList<BlockGroup> Groups { get; init; } = [];

    /// <summary>The TTL of answers, in seconds.</summary>
    public uint Ttl { get; init; } = 300;
}
