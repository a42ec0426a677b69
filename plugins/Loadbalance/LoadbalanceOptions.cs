using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>What the directive says.</summary>
internal sealed record LoadbalanceOptions
{
    /// <summary>How often a file of weights is looked at by default.</summary>
    public static readonly TimeSpan DefaultReload = TimeSpan.FromSeconds(30);

    /// <summary>The most networks to prefer.</summary>
    public const int MaxNetworks = 255;

    /// <summary>The file of weights; null for the policy <c>round_robin</c>.</summary>
    public string? WeightFile { get; init; }

    /// <summary>How often the file is looked at; zero for never again.</summary>
    public TimeSpan Reload { get; init; } = DefaultReload;

    /// <summary>The networks whose addresses go first, most preferred first.</summary>
    public IReadOnlyList<(ClientAddress Prefix, int Length)> Preferred { get; init; } = [];
}
