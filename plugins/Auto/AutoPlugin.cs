using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Zones;

namespace MiniDns.Plugins.Auto;

/// <summary><c>auto [ZONES...] { … }</c>: serves the zones whose files are in a directory, as they come and go.</summary>
public sealed class AutoPlugin : IDnsPlugin
{
    private static readonly GoRegex DefaultPattern =
        GoRegex.TryParse(AutoOptions.DefaultPattern, out GoRegex? pattern, out string? error) ? pattern : throw new InvalidOperationException(error);

    /// <inheritdoc/>
    public string Name => "auto";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        foreach (Directive directive in setup.Directives)
        {
            var reader = new DirectiveReader(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
            AutoOptions options = Read(reader);
            if (setup.Diagnostics.HasErrors)
            {
                continue;
            }

            var zones = new AutoZones(options, setup.Services);
            setup.Provide<IZoneSource>(zones);
            setup.Run(zones);
            setup.Use(next => new AutoHandler(options, zones, new ZoneResponder(setup.Queries, options.Fallthrough, next)));
        }
    }

    private static AutoOptions Read(DirectiveReader reader)
    {
        var options = new AutoOptions { Zones = reader.Zones(), Pattern = DefaultPattern };
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["directory"] = p => options = ReadDirectory(p, options),
            ["reload"] = p => options = options with { Reload = p.Duration(options.Reload) },
            ["reload_by_mtime"] = _ => options = options with { ReloadByTime = true },
            ["fallthrough"] = p => options = options with { Fallthrough = Fallthrough.For(p.Zones([])) },
            ["upstream"] = p =>
            {
                p.Warning("has no effect any more; targets of aliases are looked up in this server");
                p.Rest();
            },
        });
        return options;
    }

    private static AutoOptions ReadDirectory(DirectiveReader reader, AutoOptions options)
    {
        if (!reader.TryPath(out string? directory, "the path of a directory"))
        {
            return options;
        }

        options = options with { Directory = directory };
        if (!Directory.Exists(directory))
        {
            reader.Warning($"there is no directory {directory} yet");
        }

        if (!reader.HasArgument)
        {
            return options;
        }

        string text = reader.Word("a regular expression");
        if (!GoRegex.TryParse(text, out GoRegex? pattern, out string? error))
        {
            reader.Error($"'{text}': {error}");
            reader.Rest();
            return options;
        }

        if (pattern.GroupNames.Count < 2)
        {
            reader.Error($"'{text}' needs a group in parentheses, whose text becomes the zone's name");
        }

        return reader.TryWord("the zone's name, such as {1}", out string? template)
            ? options with { Pattern = pattern, Template = OriginTemplate.Parse(template) }
            : options;
    }
}
