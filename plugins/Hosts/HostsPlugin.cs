using System.Text;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Hosts;

/// <summary><c>hosts [FILE [ZONES...]] { … }</c>: names and addresses from a file in the format of hosts(5) and from the Corefile.</summary>
public sealed class HostsPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "hosts";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        HostsOptions options = Read(new DirectiveReader(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root));
        var file = new HostsFile(options, setup.Services, setup.Previous<HostsFile>());
        setup.Run(file);
        setup.Provide(file);
        setup.Use(next => new HostsHandler(options, file, next));
    }

    private static HostsOptions Read(DirectiveReader reader)
    {
        string path = HostsOptions.DefaultPath;
        if (reader.Next is { } written)
        {
            // Without root, the path stays as it was written: it is the label of a metric.
            path = reader.Path() is { Length: > 0 } resolved && reader.Root != "." ? resolved : written.Text;
        }

        var options = new HostsOptions { Path = path, Zones = reader.Zones() };
        List<HostsEntry> inline = [];
        bool fallsThrough = false;
        SourceSpan? unsupported = null;
        Dictionary<string, Action<DirectiveReader>> properties = new(StringComparer.Ordinal)
        {
            ["ttl"] = p => options = options with { Ttl = (uint)p.Int(1, HostsOptions.MaxTtl, (int)options.Ttl) },
            ["reload"] = p => options = options with { Reload = p.Duration(options.Reload) },
            ["no_reverse"] = _ => options = options with { Reverse = false },
            ["fallthrough"] = p =>
            {
                fallsThrough = true;
                options = options with { Fallthrough = Fallthrough.For(p.Zones([])) };
            },
            ["fallthrough_unsupported"] = p =>
            {
                unsupported = p.Directive.Span;
                options = options with { FallthroughUnsupported = true };
            },
        };
        reader.Properties(properties, other: p =>
        {
            if (fallsThrough)
            {
                p.Error($"unknown property '{p.Name}'{NearNames.Hint(p.Name, properties.Keys)}; entries stand before 'fallthrough'");
            }

            ReadEntry(p, properties.Keys, inline);
        });
        if (unsupported is { } span && !fallsThrough)
        {
            reader.Error(span, "fallthrough_unsupported: needs 'fallthrough', which it extends");
        }

        return options with { Inline = inline };
    }

    /// <summary>Reads an entry of the Corefile; like in a file, one that is wrong is warned about and skipped.</summary>
    private static void ReadEntry(DirectiveReader line, IEnumerable<string> properties, List<HostsEntry> inline)
    {
        bool startsWithAddress = HostsText.TryReadAddress(Encoding.UTF8.GetBytes(line.Name), out _);
        string text = string.Join(' ', [line.Name, .. line.Directive.Arguments.Select(a => a.Text)]);
        if (!HostsText.TryReadLine(Encoding.UTF8.GetBytes(text), (address, name) => Note(inline, new HostsEntry(address, name)), out string? problem))
        {
            string hint = !startsWithAddress && NearNames.Find(line.Name, properties) is { } near ? $"; did you mean '{near}'?" : string.Empty;
            line.Warning($"{problem}; skipped{hint}");      // before anything is read: its place is the line's
        }

        line.Rest();
    }

    private static string? Note(List<HostsEntry> inline, HostsEntry entry)
    {
        inline.Add(entry);
        return null;
    }
}
