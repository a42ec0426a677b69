using MiniDns.Queries;

namespace MiniDns.Plugins.Ratelimit;

/// <summary>What a <c>ratelimit</c> directive says. Rates are each second and network; 0 means no limit.</summary>
internal sealed record RatelimitOptions
{
    /// <summary>The same responses, when no rate is written.</summary>
    public const int DefaultRate = 50;

    /// <summary>The rate of those that have none of their own.</summary>
    public int Rate { get; init; } = DefaultRate;

    /// <summary>Positive answers of one name and type.</summary>
    public int? Responses { get; init; }

    /// <summary>Empty answers of one zone.</summary>
    public int? NoData { get; init; }

    /// <summary>NXDOMAIN of one zone.</summary>
    public int? NxDomain { get; init; }

    /// <summary>Referrals to one zone.</summary>
    public int? Referrals { get; init; }

    /// <summary>Errors of all names.</summary>
    public int? Errors { get; init; }

    /// <summary>All responses together.</summary>
    public int All { get; init; }

    /// <summary>Queries.</summary>
    public int Queries { get; init; }

    /// <summary>Queries at once.</summary>
    public int QueriesBurst { get; init; }

    /// <summary>How long responses that were too many go on counting.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Every how manieth response that is too many is truncated instead of dropped; 0 for none.</summary>
    public int Slip { get; init; } = 2;

    /// <summary>The bits of an IPv4 address that make a network.</summary>
    public int IPv4Prefix { get; init; } = 24;

    /// <summary>The bits of an IPv6 address that make a network.</summary>
    public int IPv6Prefix { get; init; } = 56;

    /// <summary>Clients without limits.</summary>
    public IReadOnlyList<ClientNetwork> Exempt { get; init; } = [];

    /// <summary>The octets of the table.</summary>
    public long Memory { get; init; } = 4 * 1024 * 1024;

    /// <summary>True when clients that know cookies have to show one (BADCOOKIE).</summary>
    public bool CookiesRequired { get; init; }

    /// <summary>The secret of the server's cookies; null for random ones.</summary>
    public byte[]? CookieSecret { get; init; }

    /// <summary>A second secret that is good in cookies that come in.</summary>
    public byte[]? OtherCookieSecret { get; init; }

    /// <summary>How often it is logged who was limited; zero for never.</summary>
    public TimeSpan LogInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>True when nothing is limited, only counted and logged.</summary>
    public bool LogOnly { get; init; }

    /// <summary>The rules, by <see cref="ResponseClass"/>.</summary>
    public RateRule?[] Rules() =>
    [
        RateRule.ForResponses(Responses ?? Rate, Window),
        RateRule.ForResponses(NoData ?? Rate, Window),
        RateRule.ForResponses(NxDomain ?? Rate, Window),
        RateRule.ForResponses(Referrals ?? Rate, Window),
        RateRule.ForResponses(Errors ?? Rate, Window),
        RateRule.ForResponses(All, Window),
        RateRule.ForQueries(Queries, QueriesBurst),
        RateRule.ForQueries(Queries, QueriesBurst),
    ];
}
