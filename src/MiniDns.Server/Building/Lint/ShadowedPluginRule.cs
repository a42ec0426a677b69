using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Server.Building.Lint;

/// <summary>Finds plugins that no query gets to, because one before them answers for every zone of the block and passes nothing on.</summary>
internal sealed class ShadowedPluginRule : ILintRule
{
    /// <summary>Where the zones of plugins that answer stand among their arguments.</summary>
    private static readonly Dictionary<string, int> ZonesFrom = new(StringComparer.Ordinal)
    {
        ["hosts"] = 1, ["kubernetes"] = 0, ["file"] = 1, ["auto"] = 0, ["secondary"] = 0,
    };

    /// <summary>The plugins that answer.</summary>
    public static IReadOnlySet<string> Answerers { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "template", "hosts", "route53", "azure", "clouddns", "k8s_external", "kubernetes", "file", "auto", "secondary", "etcd", "forward", "grpc", "erratic", "whoami",
    };

    /// <summary>What makes a plugin pass queries on although it answers for their zone.</summary>
    private static readonly string[] WaysOn = ["fallthrough", "except", "next", "next_on_nodata"];

    /// <inheritdoc/>
    public void Check(LintContext context)
    {
        foreach (BlockBuilder block in context.Blocks)
        {
            List<string> order = [.. block.Info.Plugins];
            List<Directive> answerers = [.. block.Node.Directives.Where(d => Answerers.Contains(d.Name.Text)).OrderBy(d => order.IndexOf(d.Name.Text))];
            int end = answerers.FindIndex(d => TakesEverything(d, block.Info.Zones));
            if (end < 0)
            {
                continue;
            }

            Directive last = answerers[end];
            foreach (Directive shadowed in answerers.Skip(end + 1).Where(d => d.Name.Text != last.Name.Text || d.Name.Text == "forward"))
            {
                string remedy = ZonesFrom.ContainsKey(last.Name.Text) ? $"add 'fallthrough' to '{last.Name.Text}'" : "leave it out, or give it a block of its own";
                context.Diagnostics.Warning(shadowed.Span, $"{shadowed.Name.Text}: is not asked, because '{last.Name.Text}' at {last.Span} answers for all of the block and passes nothing on; {remedy}");
            }
        }
    }

    private static bool TakesEverything(Directive directive, IReadOnlyList<DnsName> blockZones)
    {
        if (directive.Body.Any(line => WaysOn.Contains(line.Name.Text, StringComparer.Ordinal)))
        {
            return false;
        }

        if (directive.Name.Text == "whoami")
        {
            return true;
        }

        if (directive.Name.Text == "forward")
        {
            return directive.Arguments.Count > 0 && LintContext.Covers(Zones(directive.Arguments.Take(1)), blockZones);
        }

        if (!ZonesFrom.TryGetValue(directive.Name.Text, out int from))
        {
            return false;
        }

        List<CorefileToken> written = [.. directive.Arguments.Skip(from)];
        return written.Count == 0 || LintContext.Covers(Zones(written), blockZones);
    }

    private static List<DnsName> Zones(IEnumerable<CorefileToken> words)
    {
        List<DnsName> zones = [];
        foreach (CorefileToken word in words)
        {
            if (ZoneText.TryParse(word.Text, out IReadOnlyList<DnsName>? parsed, out _))
            {
                zones.AddRange(parsed);
            }
        }

        return zones;
    }
}
