using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Cache;

/// <summary>What the directive says.</summary>
internal sealed record CacheOptions
{
    /// <summary>The zones whose names are cached.</summary>
    public IReadOnlyList<DnsName> Zones { get; init; } = [DnsName.Root];

    /// <summary>Limits for responses with data.</summary>
    public CacheLimits Success { get; init; } = new(CacheLimits.DefaultCapacity, MaxTtl: 3600, MinTtl: 5);

    /// <summary>Limits for denials.</summary>
    public CacheLimits Denial { get; init; } = new(CacheLimits.DefaultCapacity, MaxTtl: 1800, MinTtl: 5);

    /// <summary>How long failures are kept; zero for not at all.</summary>
    public TimeSpan FailureTtl { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The uses in a row that make an entry worth prefetching; 0 for no prefetching.</summary>
    public int PrefetchAmount { get; init; }

    /// <summary>The longest pause between two uses in a row.</summary>
    public TimeSpan PrefetchGap { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The part of its lifetime, in percent, that an entry has left when it is prefetched.</summary>
    public int PrefetchPercentage { get; init; } = 10;

    /// <summary>How long after its end an entry may be served; zero for not at all.</summary>
    public TimeSpan StaleFor { get; init; }

    /// <summary>True to ask first and serve the expired entry only when that fails.</summary>
    public bool VerifyStale { get; init; }

    /// <summary>How long asking first may take; zero for as long as the answer takes.</summary>
    public TimeSpan VerifyTimeout { get; init; }

    /// <summary>The TTL of records in expired entries, in seconds.</summary>
    public uint StaleTtl { get; init; }

    /// <summary>The pause after a failed refresh of an entry.</summary>
    public TimeSpan FailureRecheck { get; init; }

    /// <summary>True when an expired answer is better than a fresh denial.</summary>
    public bool PreferPositive { get; init; }

    /// <summary>True when responses carry the lifetime that they began with.</summary>
    public bool KeepTtl { get; init; }

    /// <summary>Zones whose responses with data are not kept.</summary>
    public IReadOnlyList<DnsName> SuccessExcept { get; init; } = [];

    /// <summary>Zones whose denials are not kept.</summary>
    public IReadOnlyList<DnsName> DenialExcept { get; init; } = [];

    /// <summary>The file that keeps the content while the server does not run; null for none.</summary>
    public string? SnapshotPath { get; init; }
}
