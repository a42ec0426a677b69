using MiniDns.Configuration;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Dns64;

/// <summary>The directive <c>dns64</c>.</summary>
public sealed class Dns64Plugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "dns64";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        var options = new Dns64Options();
        if (reader.HasArgument)
        {
            options = options with { Prefix = ReadPrefix(reader) };
        }

        reader.Properties(new(StringComparer.Ordinal)
        {
            ["prefix"] = p => options = options with { Prefix = ReadPrefix(p) },
            ["translate_all"] = _ => options = options with { TranslateAll = true },
            ["allow_ipv4"] = _ => options = options with { AllowIPv4 = true },
        });
        MetricRegistry metrics = setup.Services.Metrics;
        PerServer<StripedCounter> translated = new(server => metrics.Counter(
            "coredns_dns64_requests_translated_total", "Counter of DNS requests translated by dns64.", ("server", server.Label)));
        setup.WhenWired(_ => translated.MakeAll(setup.Block.Servers));
        setup.Use(next => new Dns64Handler(next, options, setup.Queries, translated));
    }

    private static TranslationPrefix ReadPrefix(DirectiveReader reader)
    {
        string text = reader.Word("an IPv6 prefix such as 64:ff9b::/96");
        if (!TranslationPrefix.TryParse(text, out TranslationPrefix? prefix))
        {
            if (text.Length > 0)
            {
                reader.Error($"'{text}' is not an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits, such as 64:ff9b::/96");
            }

            return TranslationPrefix.WellKnown;
        }

        if (!prefix.IsStandard)
        {
            reader.Warning($"'{text}' has a length that no translator need know (RFC 6052 section 2.2); use 32, 40, 48, 56, 64 or 96 bits");
        }

        return prefix;
    }
}
