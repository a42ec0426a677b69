namespace MiniDns.Plugins.Blocklist;

/// <summary>What a <c>blocklist</c> directive says.</summary>
internal sealed record BlocklistOptions
{
    /// <summary>The name of the list that stands in the Corefile.</summary>
    public const string InlineName = "corefile";

    /// <summary>The lists, the Corefile's own first.</summary>
    public required IReadOnlyList<ListSource> Lists { get; init; }

    /// <summary>The names in the Corefile, as wire octets in lower case.</summary>
    public IReadOnlyList<(byte[] Wire, bool Allows)> Inline { get; init; } = [];

    /// <summary>The clients that are in no group.</summary>
    public required BlockGroup Everybody { get; init; }

    /// <summary>The groups.</summary>
    public IReadOnlyList<BlockGroup> Groups { get; init; } = [];

    /// <summary>The TTL of answers, in seconds.</summary>
    public uint Ttl { get; init; } = 300;

    /// <summary>How often files are looked at when no notification comes; zero means that they are read once.</summary>
    public TimeSpan Reload { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>True when the same files give the same store.</summary>
    public bool GivesSameStore(BlocklistOptions other) =>
        Lists.SequenceEqual(other.Lists)
        && Inline.Count == other.Inline.Count
        && Inline.Zip(other.Inline).All(p => p.First.Allows == p.Second.Allows && p.First.Wire.AsSpan().SequenceEqual(p.Second.Wire));
}
