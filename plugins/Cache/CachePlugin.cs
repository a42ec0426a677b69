using MiniDns.Configuration;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Cache;

/// <summary>The directive <c>cache</c>.</summary>
public sealed class CachePlugin : IDnsPlugin
{
    private static readonly TimeSpan LongestFailure = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(1.8);       // RFC 8767 §5
    private static readonly TimeSpan LongestTtl = TimeSpan.FromSeconds(uint.MaxValue);

    /// <inheritdoc/>
    public string Name => "cache";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        Directive directive = setup.Directives[0];
        bool isForEveryName = false;
        CacheOptions options = Read(new DirectiveReader(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root), ref isForEveryName);
        var metrics = new CacheMetrics(setup.Services.Metrics, setup.Block, string.Join(',', options.Zones));
        TimeProvider time = setup.Services.Time;
        string source = setup.TextBehind;
        CacheStore store = setup.Previous<CacheStore>() is { } previous && previous.Suits(options, source)
            ? previous
            : new CacheStore(options, source, time.TimestampFrequency);
        setup.Provide(store);
        setup.WhenWired(_ => metrics.Observe(store));
        if (options.SnapshotPath is { } path)
        {
            setup.Run(new CacheSnapshot(store, options, path, time, setup.Services.LoggerFor(Name)));
        }

        var recovery = new UpstreamRecovery();
        setup.WhenWired(block => recovery.Groups = block.All<IUpstreamGroup>());
        var keeper = new CacheKeeper(store, metrics, time);
        setup.Use(next =>
        {
            var refresher = new CacheRefresher(next, setup.Queries, keeper, recovery, metrics, options, time, setup.Services.LoggerFor(Name));
            return new CacheHandler(next, store, keeper, refresher, recovery, metrics, options, time, isForEveryName);
        });
    }

    private static CacheOptions Read(DirectiveReader reader, ref bool isForEveryName)
    {
        var options = new CacheOptions();
        if (reader.NextIsInteger && reader.TryInt(1, int.MaxValue, out int ttl))
        {
            options = options with
            {
                Success = options.Success with { MaxTtl = (uint)ttl },
                Denial = options.Denial with { MaxTtl = (uint)ttl },
            };
        }

        isForEveryName = !reader.HasArgument;
        options = options with { Zones = reader.Zones() };
        isForEveryName |= options.Zones.Contains(DnsName.Root);
        DirectiveReader? policy = null;
        bool hasStale = false;
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["success"] = p => options = options with { Success = Limits(p, options.Success) },
                ["denial"] = p => options = options with { Denial = Limits(p, options.Denial) },
                ["prefetch"] = p => options = Prefetch(p, options),
                ["serve_stale"] = p =>
                {
                    hasStale = true;
                    options = ServeStale(p, options);
                },
                ["serve_stale_policy"] = p =>
                {
                    if (policy is not null)
                    {
                        p.Error($"may stand only once; it stands already at {policy.Directive.Span}");
                    }

                    policy = p;
                    options = options with { PreferPositive = Policy(p) };
                },
                ["servfail"] = p => options = options with { FailureTtl = p.Duration(options.FailureTtl, most: LongestFailure) },
                ["disable"] = p => options = Disable(p, options),
                ["snapshot"] = p => options = Snapshot(p, options),
                ["keepttl"] = _ => options = options with { KeepTtl = true },
            },
            repeatable: ["disable", "serve_stale_policy"]);
        if (policy is not null && !hasStale)
        {
            reader.Error(policy.Directive.Span, "serve_stale_policy: has no effect without serve_stale; add 'serve_stale'");
        }

        return options;
    }

    private static CacheOptions Snapshot(DirectiveReader reader, CacheOptions options)
    {
        if (!reader.TryPath(out string? path, "the path of a file"))
        {
            return options;
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory && !Directory.Exists(directory))
        {
            reader.Warning($"there is no directory '{directory}', so nothing can be kept there");
        }

        return options with { SnapshotPath = path };
    }

    private static CacheLimits Limits(DirectiveReader reader, CacheLimits limits)
    {
        if (!reader.ArgumentCount(1, 3, $"{reader.Name} CAPACITY [TTL] [MINTTL]"))
        {
            return limits;
        }

        // As in CoreDNS: a multiple of 256, and 1024 at least.
        int capacity = reader.Int(0, int.MaxValue, limits.Capacity) & ~0xFF;
        uint maxTtl = reader.HasArgument ? (uint)reader.Int(1, int.MaxValue, (int)limits.MaxTtl) : limits.MaxTtl;
        uint minTtl = reader.HasArgument ? (uint)reader.Int(0, int.MaxValue, (int)limits.MinTtl) : limits.MinTtl;
        return new CacheLimits(Math.Max(capacity, CacheLimits.LeastCapacity), maxTtl, minTtl);
    }

    private static CacheOptions Prefetch(DirectiveReader reader, CacheOptions options)
    {
        if (!reader.ArgumentCount(1, 3, "prefetch AMOUNT [DURATION] [PERCENTAGE%]"))
        {
            return options;
        }

        return options with
        {
            PrefetchAmount = reader.Int(0, int.MaxValue, 0),
            PrefetchGap = reader.HasArgument ? reader.Duration(options.PrefetchGap) : options.PrefetchGap,
            PrefetchPercentage = reader.HasArgument ? reader.Percent(10, 90, options.PrefetchPercentage) : options.PrefetchPercentage,
        };
    }

    private static CacheOptions ServeStale(DirectiveReader reader, CacheOptions options)
    {
        TimeSpan staleFor = reader.HasArgument ? reader.Duration(TimeSpan.FromHours(1)) : TimeSpan.FromHours(1);
        bool verify = reader.HasArgument && IsVerify(reader);
        TimeSpan timeout = verify ? reader.HasArgument ? reader.Duration(TimeSpan.Zero) : ClientTimeout : TimeSpan.Zero;
        uint ttl = reader.HasArgument ? WholeSeconds(reader) : 0;
        TimeSpan recheck = reader.HasArgument ? reader.Duration(TimeSpan.Zero, most: LongestFailure) : TimeSpan.Zero;
        return options with
        {
            StaleFor = staleFor,
            VerifyStale = verify,
            VerifyTimeout = timeout,
            StaleTtl = ttl,
            FailureRecheck = recheck,
        };
    }

    private static bool IsVerify(DirectiveReader reader)
    {
        string mode = reader.Word("'immediate' or 'verify'");
        bool isVerify = mode.Equals("verify", StringComparison.OrdinalIgnoreCase);
        if (!isVerify && !mode.Equals("immediate", StringComparison.OrdinalIgnoreCase))
        {
            reader.Error($"'{mode}' is not a refresh mode; write 'immediate' or 'verify'");
        }

        return isVerify;
    }

    private static uint WholeSeconds(DirectiveReader reader)
    {
        if (!reader.TryDuration(out TimeSpan duration, most: LongestTtl))
        {
            return 0;
        }

        if (duration.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            reader.Error("a TTL is a whole number of seconds, such as 30s");
        }

        return (uint)(duration.Ticks / TimeSpan.TicksPerSecond);
    }

    private static bool Policy(DirectiveReader reader)
    {
        if (!reader.TryWord("'prefer_positive'", out string? word))
        {
            return false;
        }

        bool isKnown = word.Equals("prefer_positive", StringComparison.OrdinalIgnoreCase);
        if (!isKnown)
        {
            reader.Error($"'{word}' is not a policy; the only one is 'prefer_positive'");
        }

        return isKnown;
    }

    private static CacheOptions Disable(DirectiveReader reader, CacheOptions options)
    {
        string which = reader.Word("'success' or 'denial'");
        IReadOnlyList<DnsName> zones = reader.Zones([DnsName.Root]);
        switch (which)
        {
            case "success":
                return options with { SuccessExcept = zones };
            case "denial":
                return options with { DenialExcept = zones };
            case "":
                return options;
            default:
                reader.Error(reader.Directive.Span, $"'{which}' cannot be disabled; write 'disable success' or 'disable denial', then zones");
                return options;
        }
    }
}
