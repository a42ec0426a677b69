using System.Globalization;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds words that are taken as names of zones, but were meant as something else, or lie outside the block.</summary>
internal sealed class DoubtfulZoneRule : ILintRule
{
    /// <summary>Where the zones of plugins stand among their arguments.</summary>
    private static readonly Dictionary<string, int> ZonesFrom = new(StringComparer.Ordinal) { ["cache"] = 0, ["hosts"] = 1, ["kubernetes"] = 0, ["file"] = 1, ["secondary"] = 0 };

    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        foreach (BlockBuilder block in context.Blocks)
        {
            foreach (CorefileToken key in block.Node.Keys.Where(k => k.Text.Contains('/', StringComparison.Ordinal) && !k.Text.Contains("://", StringComparison.Ordinal)))
            {
                if (ZoneText.TryParse(key.Text, out IReadOnlyList<DnsName>? zones, out _) && zones.Any(z => z.ToString().Contains('/', StringComparison.Ordinal)))
                {
                    context.Diagnostics.Warning(key.Span, $"the key '{key.Text}' is read as the name of a zone; a network is ADDRESS/BITS, with at most 32 bits for IPv4 and 128 for IPv6");
                }
            }

            foreach (Directive directive in block.Node.Directives.Where(d => ZonesFrom.ContainsKey(d.Name.Text)))
            {
                Check(directive, block.Info.Zones, context.Diagnostics);
            }
        }
    }

    private static void Check(Directive directive, IReadOnlyList<DnsName> blockZones, ConfigDiagnostics diagnostics)
    {
        string plugin = directive.Name.Text;
        foreach (CorefileToken word in directive.Arguments.Skip(ZonesFrom[plugin]).Where(w => !IsNumber(w.Text)))
        {
            if (plugin == "cache" && char.IsAsciiDigit(word.Text[0]) && !word.Text.Contains('.', StringComparison.Ordinal) && !word.Text.Contains('/', StringComparison.Ordinal))
            {
                diagnostics.Warning(word.Span, $"cache: '{word.Text}' is read as the name of a zone; a TTL is a number of seconds, such as '3600'");
            }
            else if (ZoneText.TryParse(word.Text, out IReadOnlyList<DnsName>? zones, out _) && !zones.Any(z => blockZones.Any(b => z.IsSubdomainOf(b) || b.IsSubdomainOf(z))))
            {
                diagnostics.Warning(word.Span, $"{plugin}: the zone {zones[0]} lies outside the block's zones ({string.Join(' ', blockZones)}), so no query for it comes here");
            }
        }
    }

    private static bool IsNumber(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _) || word.Length == 0;
}
