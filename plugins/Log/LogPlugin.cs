using System.Globalization;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Log;

/// <summary>The directive <c>log</c>.</summary>
public sealed class LogPlugin : IDnsPlugin
{
    private const string JsonWord = "{json}";
    private const int MostEvery = 1_000_000_000;

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
        DnsServices services = setup.Services;
        foreach (Directive directive in setup.Directives)
        {
            Read(new DirectiveReader(directive, setup.Diagnostics), services.Time, rules);
        }

        StripedCounter dropped = services.Metrics.Counter(
            "minidns_log_dropped_lines_total", "Lines of the query log that were dropped because standard output is too slow.");
        LogRule[] all = [.. rules];
        setup.WhenWired(block =>
        {
            foreach (LogRule rule in all)
            {
                rule.Format.Bind(block);
            }
        });
        setup.Use(next => new LogHandler(next, all, services.Lines, services.Time, dropped, Random.Shared), HandlerScope.QueriesAndNotifications);
    }

    private static void Read(DirectiveReader reader, TimeProvider time, List<LogRule> rules)
    {
        List<CorefileToken> words = [.. reader.Rest()];
        CorefileToken? format = words is [.., { } last] && last.Text.Contains('{', StringComparison.Ordinal) ? last : null;
        List<DnsName> zones = ReadZones(reader, format is null ? words : words[..^1]);
        LogClasses classes = LogClasses.None;
        int every = 1;
        LogClasses alwaysSampled = LogClasses.None;
        TimeSpan slower = TimeSpan.Zero;
        LogClasses alwaysSlow = LogClasses.None;
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["class"] = p => classes |= ReadClasses(p),
                ["sample"] = p =>
                {
                    every = ReadShare(p);
                    alwaysSampled = ReadKept(p);
                },
                ["slower"] = p =>
                {
                    slower = p.Duration(slower, TimeSpan.FromMicroseconds(1), TimeSpan.FromHours(1));
                    alwaysSlow = ReadKept(p);
                },
            },
            repeatable: ["class"]);
        classes = classes == LogClasses.None ? LogClasses.All : classes;
        ILogFormat parsed = ReadFormat(reader, format, time, every);
        rules.AddRange(zones.Select(z => new LogRule(z, parsed, classes, every, alwaysSampled, slower, alwaysSlow)));
    }

    private static List<DnsName> ReadZones(DirectiveReader reader, List<CorefileToken> words)
    {
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

        return zones;
    }

    private static ILogFormat ReadFormat(DirectiveReader reader, CorefileToken? word, TimeProvider time, int every)
    {
        if (word is null)
        {
            return LogFormat.Common;
        }

        bool isJson = word.Text.Contains(JsonWord, StringComparison.Ordinal);
        LogFormat format = LogFormat.Parse(word.Text.Replace(JsonWord, "", StringComparison.Ordinal));
        if (isJson)
        {
            if (format.HasMoreThanLabels)
            {
                reader.Error(word.Span, $"'{JsonWord}' writes every placeholder; only labels such as {{/kubernetes/client-label/app}} can stand beside it");
            }

            return new LogJson(time, every, [.. format.Labels.Select(l => l.Name)]);
        }

        foreach (string unknown in format.Unknown)
        {
            reader.Warning($"the placeholder '{unknown}' is not known; it is written as it stands");
        }

        return format;
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

    /// <summary>Reads <c>1/100</c>.</summary>
    private static int ReadShare(DirectiveReader property)
    {
        if (!property.TryWord("one of how many queries, as in 1/100,", out string? word))
        {
            return 1;
        }

        if (word.StartsWith("1/", StringComparison.Ordinal) && int.TryParse(word.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out int every) && every is > 0 and <= MostEvery)
        {
            return every;
        }

        property.Error($"'{word}' is not a share of the queries; write 1/N with a whole number from 1 to {MostEvery}, such as 1/100");
        return 1;
    }

    /// <summary>Reads <c>keep CLASSES...</c>, if it is there.</summary>
    private static LogClasses ReadKept(DirectiveReader property)
    {
        if (property.TakeIf("keep"))
        {
            return ReadClasses(property);
        }

        if (property.Next is { } word)
        {
            property.Error(word.Span, $"'{word.Text}' is not expected here; 'keep' and the classes of replies that are logged all the same may follow");
            property.Rest();
        }

        return LogClasses.None;
    }
}
