using MiniDns.Configuration;

namespace MiniDns.Plugins.NameLists;

/// <summary>Lists of names, and how they are followed.</summary>
internal sealed record NameListOptions
{
    /// <summary>The name of the list that stands in the Corefile.</summary>
    public const string InlineName = "corefile";

    /// <summary>The plugin that they are for: it names the log lines and, with <see cref="MetricPrefix"/>, the metrics.</summary>
    public required string Plugin { get; init; }

    /// <summary>What the metrics' names begin with.</summary>
    public required string MetricPrefix { get; init; }

    /// <summary>The lists, the Corefile's own first.</summary>
    public required IReadOnlyList<ListSource> Lists { get; init; }

    /// <summary>Where each list is named in the configuration.</summary>
    public required IReadOnlyList<SourceSpan> Places { get; init; }

    /// <summary>The names in the Corefile, as wire octets in lower case.</summary>
    public IReadOnlyList<(byte[] Wire, bool Allows)> Inline { get; init; } = [];

    /// <summary>How often files are looked at when no notification comes; zero means that they are read once.</summary>
    public TimeSpan Reload { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>True when the same files give the same store.</summary>
    public bool GivesSameStore(NameListOptions other) =>
        Lists.SequenceEqual(other.Lists)
        && Inline.Count == other.Inline.Count
        && Inline.Zip(other.Inline).All(p => p.First.Allows == p.Second.Allows && p.First.Wire.AsSpan().SequenceEqual(p.Second.Wire));
}
