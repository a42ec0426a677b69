using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.FileZones;

/// <summary><c>file DBFILE [ZONES...] { … }</c>: serves zones from zone files.</summary>
public sealed class FilePlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "file";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        Fallthrough fallthrough = Fallthrough.None;
        Dictionary<DnsName, SourceSpan> seen = [];
        List<FileReload> files = [];
        foreach (Directive directive in setup.Directives)
        {
            var reader = new DirectiveReader(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
            if (Read(reader, ref fallthrough) is not { } options)
            {
                continue;
            }

            foreach (DnsName zone in options.Zones)
            {
                if (!seen.TryAdd(zone, directive.Span))
                {
                    setup.Diagnostics.Warning(directive.Span, $"file: zone {zone} is given at {seen[zone]} already; the last one counts");
                    files.RemoveAll(f => f.File.Served.Origin == zone);
                }

                files.Add(Load(options, zone, directive, setup.Diagnostics));
            }
        }

        if (setup.Diagnostics.HasErrors)
        {
            return;
        }

        var zones = new FileZoneSource([.. files.Select(f => f.File.Served)]);
        setup.Provide<IZoneSource>(zones);
        setup.Run(new FileReloader(files, setup.Services));
        setup.Use(next => new FileHandler(zones.Zones, new ZoneResponder(setup.Queries, fallthrough, next)));
    }

    private static FileZoneOptions? Read(DirectiveReader reader, ref Fallthrough fallthrough)
    {
        if (!reader.TryPath(out string? path, "the path of a zone file"))
        {
            return null;
        }

        Fallthrough own = fallthrough;
        var options = new FileZoneOptions { Path = path, Zones = reader.Zones() };
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["reload"] = p => options = options with { Reload = p.Duration(options.Reload) },
            ["reload_by_mtime"] = _ => options = options with { ReloadByTime = true },
            ["fallthrough"] = p => own = Fallthrough.For(p.Zones([])),
            ["upstream"] = p =>
            {
                p.Warning("has no effect any more; targets of aliases are looked up in this server");
                p.Rest();
            },
        });
        fallthrough = own;
        return options;
    }

    /// <summary>Reads a zone: what is wrong in its file is wrong in the configuration.</summary>
    private static FileReload Load(FileZoneOptions options, DnsName zone, Directive directive, ConfigDiagnostics diagnostics)
    {
        var file = new ZoneFile(options.Path, zone);
        var problems = new ZoneProblems();
        ZoneFileOutcome outcome = file.Refresh(ignoreSerial: true, problems);
        if (outcome == ZoneFileOutcome.Unreadable && options.Reload > TimeSpan.Zero)
        {
            diagnostics.Warning(directive.Span, $"file: {problems.Items[0].File}: {problems.Items[0].Message}; it is tried again every {DurationText.Format(options.Reload)}");
            return new FileReload(file, options.Reload, options.ReloadByTime);
        }

        foreach (ZoneProblem problem in problems.Items)
        {
            SourceSpan span = problem.Line == 0 ? directive.Span : new SourceSpan(problem.File, problem.Line, problem.Column, 1);
            string message = problem.Line == 0 ? $"file: {problem.File}: {problem.Message}" : $"zone {zone}: {problem.Message}";
            if (problem.IsError)
            {
                diagnostics.Error(span, message);
            }
            else
            {
                diagnostics.Warning(span, message);
            }
        }

        return new FileReload(file, options.Reload, options.ReloadByTime);
    }
}
