using MiniDns.Configuration;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds blocks in which nothing answers.</summary>
internal sealed class AnswerlessBlockRule : ILintRule
{
    /// <summary>Plugins that answer nothing of their own, or only a few special names.</summary>
    private static readonly HashSet<string> Silent = new(StringComparer.Ordinal)
    {
        "root", "order", "metadata", "geoip", "cancel", "proxyproto", "quic", "grpc_server", "https", "https3", "timeouts", "multisocket", "reload", "nsid",
        "bufsize", "bind", "debug", "trace", "ready", "health", "pprof", "shed", "overload", "prometheus", "errors", "log", "dnstap", "local",
        "dns64", "any", "chaos", "loadbalance", "tsig", "search", "autopath", "ratelimit", "blocklist", "rpz", "cache", "header", "dnssec", "tls", "minimal", "transfer", "loop", "on",
        "sign", "view",
    };

    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        foreach (BlockBuilder block in context.Blocks)
        {
            IReadOnlyList<Directive> directives = block.Node.Directives;
            SourceSpan span = block.Node.Keys[0].Span;
            if (directives.Count == 0)
            {
                context.Diagnostics.Warning(span, "the block has no plugins, so every query is refused; add one that answers, such as 'forward', 'hosts' or 'file'");
            }
            else if (directives.All(d => Silent.Contains(d.Name.Text)))
            {
                context.Diagnostics.Warning(span, "no plugin of the block answers queries, so they fail with SERVFAIL or REFUSED; add one that does, such as 'forward', 'hosts' or 'file'");
            }
        }
    }
}
