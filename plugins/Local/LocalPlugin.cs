using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Local;

/// <summary>The directive <c>local</c>.</summary>
public sealed class LocalPlugin : IDnsPlugin
{
    private static readonly Dictionary<string, bool> Switch = new(StringComparer.Ordinal) { ["on"] = true, ["off"] = false };

    /// <inheritdoc/>
    public string Name => "local";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        bool answerPrefix = true;
        foreach (Directive directive in setup.Directives)
        {
            new DirectiveReader(directive, setup.Diagnostics).Properties(new(StringComparer.Ordinal)
            {
                ["localhost_prefix"] = p => answerPrefix = p.Choice(Switch, answerPrefix),
            });
        }

        StripedCounter queries = setup.Services.Metrics.Counter(
            "coredns_local_localhost_requests_total",
            "Queries for names below localhost and, where that is on, for names that begin with the label localhost.");
        ILogger log = setup.Services.LoggerFor(Name);
        setup.Use(next => new LocalHandler(next, answerPrefix, queries, log));
    }
}
