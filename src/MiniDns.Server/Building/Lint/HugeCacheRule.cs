using System.Globalization;
using MiniDns.Configuration;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds caches whose limit is so high that it is none.</summary>
internal sealed class HugeCacheRule : ILintRule
{
    /// <summary>About what an answer takes, in octets.</summary>
    private const int EntrySize = 400;

    private const int Most = 5_000_000;

    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        foreach (Directive line in context.Directives("cache").SelectMany(d => d.Body))
        {
            if (line.Name.Text is "success" or "denial"
                && line.Arguments is [CorefileToken capacity, ..]
                && int.TryParse(capacity.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int entries)
                && entries > Most)
            {
                context.Diagnostics.Warning(capacity.Span, string.Create(CultureInfo.InvariantCulture, $"cache: {entries} answers are as good as no limit: they may take {(long)entries * EntrySize >> 30} GB of memory; anybody who asks for enough names fills it"));
            }
        }
    }
}
