using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Log;

/// <summary>The directive <c>log</c>.</summary>
public sealed class LogPlugin : IDnsPlugin
{
    private static readonly Dictionary<string, LogClasses> Classes = new(StringComparer.Ordinal)
    {
        ["all"] = LogClasses.All,
        ["success"] = LogClasses.Success,
        ["denial"] = LogClasses.Denial,
        ["error"] = LogClasses.Error,
    };

    /// <inheritdoc/>
    public string Name => "log";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        List<LogRule> rules = [];
        foreach (Directive directive in setup.Directives)
        {
            Read(new DirectiveReader(directive, setup.Diagnostics), rules);
        }

        DnsServices services = setup.Services;
        StripedCounter dropped = services.Metrics.Counter(
            "minidns_log_dropped_lines_total", "Lines of the query log that were dropped because standard output is too slow.");
        LogRule[] all = [.. rules];
        setup.WhenWired(block =>
        {
            foreach (MetadataLabel label in all.SelectMany(r => r.Format.Labels).Distinct())
            {
                label.Bind(block);
            }
        });
        setup.Use(next => new LogHandler(next, all, services.Lines, services.Time, dropped), HandlerScope.QueriesAndNotifications);
    }

    private static void Read(DirectiveReader reader, List<LogRule> rules)
    {
        List<CorefileToken> words = [.. reader.Rest()];
        LogFormat format = LogFormat.Common;
        if (words.Count > 0 && words[^1].Text.Contains('{', StringComparison.Ordinal))
        {
            format = LogFormat.Parse(words[^1].Text);
            foreach (string unknown in format.Unknown)
            {
                reader.Warning($"the placeholder '{unknown}' is not known; it is written as it stands");
            }

            words.RemoveAt(words.Count - 1);
        }

        List<DnsName> zones = words.Count == 0 ? [DnsName.Root] : [];
        foreach (CorefileToken word in words)
        {
            if (ZoneText.TryParse(word.Text, out IReadOnlyList<DnsName>? found, out string? error))
            {
                zones.AddRange(found);
            }
            else
            {
                reader.Error(word.Span, $"'{word.Text}' is neither a name nor a format with a placeholder such as {{common}}: {error}");
            }
        }

        LogClasses classes = LogClasses.None;
        reader.Properties(new(StringComparer.Ordinal) { ["class"] = p => classes |= ReadClasses(p) }, repeatable: ["class"]);
        rules.AddRange(zones.Select(z => new LogRule(z, format, classes == LogClasses.None ? LogClasses.All : classes)));
    }

    private static LogClasses ReadClasses(DirectiveReader property)
    {
        LogClasses classes = LogClasses.None;
        do
        {
            classes |= property.Choice(Classes, LogClasses.None);
        }
        while (property.HasArgument);
        return classes;
    }
}
