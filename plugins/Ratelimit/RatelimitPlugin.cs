using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Queries;

namespace MiniDns.Plugins.Ratelimit;

/// <summary><c>ratelimit [RATE] { … }</c>: how much a client's network gets in a second.</summary>
public sealed class RatelimitPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "ratelimit";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        RatelimitOptions options = Read(new DirectiveReader(setup.Directives[0], setup.Diagnostics));
        var state = new RatelimitState(options, setup.Services, setup.Previous<RatelimitState>());
        var metrics = new RatelimitMetrics(setup.Services.Metrics);
        CookieJar cookies = setup.Services.Cookies;
        setup.Run(state);
        setup.Provide(state);
        setup.Use(next => new RatelimitHandler(options, state, metrics, cookies, next));
    }

    /// <summary>Reads the directive.</summary>
    internal static RatelimitOptions Read(DirectiveReader reader)
    {
        var options = new RatelimitOptions();
        if (reader.HasArgument)
        {
            options = options with { Rate = Rate(reader, options.Rate) };
        }

        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["responses"] = p => options = options with { Responses = Rate(p, 0) },
                ["nodata"] = p => options = options with { NoData = Rate(p, 0) },
                ["nxdomain"] = p => options = options with { NxDomain = Rate(p, 0) },
                ["referrals"] = p => options = options with { Referrals = Rate(p, 0) },
                ["errors"] = p => options = options with { Errors = Rate(p, 0) },
                ["all"] = p => options = options with { All = Rate(p, 0) },
                ["queries"] = p =>
                {
                    int rate = Rate(p, 0);
                    options = options with { Queries = rate, QueriesBurst = p.HasArgument ? p.Int(1, RateRule.MaxRate, 1) : Math.Max(1, rate) };
                },
                ["window"] = p => options = options with { Window = p.Duration(options.Window, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) },
                ["slip"] = p => options = options with { Slip = p.Int(0, 10, options.Slip) },
                ["ipv4_prefix"] = p => options = options with { IPv4Prefix = p.Int(1, 32, options.IPv4Prefix) },
                ["ipv6_prefix"] = p => options = options with { IPv6Prefix = p.Int(1, ClientPrefix.MaxIPv6Length, options.IPv6Prefix) },
                ["exempt"] = p => options = options with { Exempt = [.. options.Exempt, .. Networks(p)] },
                ["memory"] = p => options = options with { Memory = p.Size(64 * 1024, 1024 * 1024 * 1024, options.Memory) },
                ["cookies"] = p => options = options with
                {
                    CookiesRequired = p.Choice(new Dictionary<string, bool>(StringComparer.Ordinal) { ["optional"] = false, ["required"] = true }, fallback: false),
                },
                ["cookie_secret"] = p => options = options with { CookieSecret = Secret(p), OtherCookieSecret = p.HasArgument ? Secret(p) : null },
                ["log"] = p => options = options with { LogInterval = p.TakeIf("off") ? TimeSpan.Zero : p.Duration(options.LogInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)) },
                ["log_only"] = _ => options = options with { LogOnly = true },
            },
            repeatable: ["exempt"]);
        return options;
    }

    private static int Rate(DirectiveReader reader, int fallback) => reader.Int(0, RateRule.MaxRate, fallback);

    private static List<ClientNetwork> Networks(DirectiveReader reader)
    {
        reader.ArgumentCount(1, int.MaxValue, "exempt NETWORK...");
        return ClientNetwork.ReadAll(reader);
    }

    /// <summary>Reads a secret; what is wrong is said without repeating it.</summary>
    private static byte[]? Secret(DirectiveReader reader)
    {
        string text = reader.Word("a secret of 32 hexadecimal digits");
        if (text.Length == 2 * CookieJar.SecretLength && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        if (text.Length > 0)
        {
            reader.Error("a secret is 32 hexadecimal digits");
        }

        return null;
    }
}
