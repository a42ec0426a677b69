using System.Net;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Server.Running;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds HTTP pages on an address that is taken by DNS over TCP, and pages that are served twice.</summary>
internal sealed class PageClashRule : ILintRule
{
    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        Dictionary<(IPEndPoint Address, string Path), SourceSpan> seen = [];
        foreach ((HttpSideEndpoint page, SourceSpan span) in context.Pages)
        {
            if (context.Listeners.FirstOrDefault(l => ListenerSet.Overlap(l.Address, page.Address)) is { Key: { } key })
            {
                context.Diagnostics.Error(span, $"{page.Plugin}: listens at tcp {page.Address}, which is where DNS is served by {key.Token.Span}; give it another port");
            }

            // Others may be repeated in each block: they tell which blocks are counted (prometheus) or waited for (ready).
            if (!seen.TryAdd((page.Address, page.Path), span) && page.Plugin == "health")
            {
                context.Diagnostics.Warning(span, $"{page.Plugin}: http://{page.Address}{page.Path} is the same page as at {seen[(page.Address, page.Path)]}; it tells about the whole server, so once is enough");
            }
        }

        NoteMetricsElsewhere(context);
    }

    private static void NoteMetricsElsewhere(LintContext context)
    {
        List<(HttpSideEndpoint Page, SourceSpan Span)> pages = [.. context.Pages.Where(p => p.Page.Plugin == "prometheus")];
        foreach ((HttpSideEndpoint page, SourceSpan span) in pages.Skip(1).Where(p => !p.Page.Address.Equals(pages[0].Page.Address)))
        {
            context.Diagnostics.Warning(span, $"prometheus: {page.Address} shows the same metrics as {pages[0].Page.Address} at {pages[0].Span}: those of the whole server; one address is enough");
        }
    }
}
