using MiniDns.Configuration;
using MiniDns.Plugins.Capabilities;

namespace MiniDns.Plugins.Geoip;

/// <summary>The directive <c>geoip</c>: labels of metadata that tell where clients are.</summary>
public sealed class GeoipPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "geoip";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        GeoFile[] before = [.. setup.Previous<GeoSource>()?.Files ?? []];
        List<GeoTable> tables = [];
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
            bool isPath = reader.TryPath(out string? path, "the path of a MaxMind DB file");
            bool usesSubnet = false;
            SourceSpan place = reader.Span;
            reader.Properties(new(StringComparer.Ordinal) { ["edns-subnet"] = _ => usesSubnet = true });
            if (!isPath)
            {
                continue;
            }

            var file = new GeoFile(path!, setup.Services, Array.Find(before, f => f.Path == path));
            if (file.Refresh() is { } problem)
            {
                if (file.Database is null)
                {
                    reader.Error(place, $"'{path}' cannot be read: {problem}");
                    continue;
                }

                reader.Warning($"'{path}' cannot be read: {problem}; what was read before stays");
            }

            setup.Run(file);
            tables.Add(new GeoTable(file, usesSubnet, setup.ReserveSlot<GeoFinding>()));
        }

        setup.Provide(new GeoSource(tables));
        setup.WhenWired(block =>
        {
            if (block.All<IMetadataScope>().Count == 0)
            {
                setup.Diagnostics.Warning(setup.Directives[0].Span, "geoip: its labels have no value in a block without 'metadata'");
            }
        });
    }
}
