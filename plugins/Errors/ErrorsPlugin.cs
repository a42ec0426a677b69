using Microsoft.Extensions.Logging;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Errors;

/// <summary>The directive <c>errors</c>.</summary>
public sealed class ErrorsPlugin : IDnsPlugin
{
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(1);

    private static readonly Dictionary<string, LogLevel> Levels = new(StringComparer.Ordinal)
    {
        ["warning"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
        ["info"] = LogLevel.Information,
        ["debug"] = LogLevel.Debug,
    };

    /// <inheritdoc/>
    public string Name => "errors";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        setup.ExpectOnce();
        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        if (!reader.TakeIf("stdout") && reader.Next is { } file)
        {
            reader.Error(file.Span, $"'{file.Text}' is not where errors can be written; only 'stdout' is, and needs not be said");
            reader.Rest();
        }

        List<ErrorsRule> rules = [];
        bool isJson = false;
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["stacktrace"] = _ => setup.Block.StackTrace = true,
                ["consolidate"] = p => ReadRule(p, rules),
                ["json"] = _ => isJson = true,
            },
            repeatable: ["consolidate"]);
        IErrorsOutput output = isJson ? new ErrorsJson(setup.Services) : new ErrorsText(setup.Services.LoggerFor(Name));
        ErrorsConsolidation consolidation = new([.. rules.Select(r => new ErrorsTally(r, output))], setup.Services.Time);
        if (rules.Count > 0)
        {
            setup.Run(consolidation);
        }

        setup.Use(next => new ErrorsHandler(next, consolidation, output), HandlerScope.QueriesAndNotifications);
    }

    private static void ReadRule(DirectiveReader property, List<ErrorsRule> rules)
    {
        if (!property.ArgumentCount(2, 4, "consolidate DURATION REGEXP [warning|error|info|debug] [show_first]"))
        {
            return;
        }

        TimeSpan period = property.Duration(ShortestPeriod, ShortestPeriod, TimeSpan.FromDays(30));
        if (!GoRegex.TryParse(property.Word("a regular expression"), out GoRegex? pattern, out string? error))
        {
            property.Error(error);
        }

        LogLevel level = LogLevel.Error;
        if (property.Next is { } word && Levels.TryGetValue(word.Text, out LogLevel named))
        {
            property.TakeIf(word.Text);
            level = named;
        }

        bool showsFirst = property.TakeIf("show_first");
        if (property.Next is { } unknown)
        {
            property.Error(unknown.Span, $"'{unknown.Text}' is not expected here; a level (warning, error, info or debug) comes first, then 'show_first', each once");
            property.Rest();
        }

        if (pattern is not null)
        {
            rules.Add(new ErrorsRule(period, pattern, level, showsFirst));
        }
    }
}
