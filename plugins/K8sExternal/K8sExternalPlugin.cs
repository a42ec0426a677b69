using MiniDns.Cluster;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.K8sExternal;

/// <summary><c>k8s_external [ZONE...] { … }</c>: the names of a cluster's services outside of it.</summary>
public sealed class K8sExternalPlugin : IDnsPlugin
{
    private static readonly Dictionary<string, HostSources> Sources = new(StringComparer.Ordinal)
    {
        ["ingress"] = HostSources.Ingress,
        ["gateway"] = HostSources.Gateway,
        ["service"] = HostSources.Service,
    };

    /// <inheritdoc/>
    public string Name => "k8s_external";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        ExternalOptions options = Read(new DirectiveReader(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root));
        if (options.Zones.FirstOrDefault(z => ExternalZone.IsTooLong(z, options.Apex)) is { } tooLong)
        {
            setup.Diagnostics.Error(setup.Directives[0].Span, $"k8s_external: the zone '{tooLong}' leaves no room for names in it");
            return;
        }

        var zones = new ExternalZones(options);
        var answers = new ExternalAnswers(options);
        setup.Provide<IClusterInterest>(new ExternalInterest(options));
        setup.Provide<ITransferSource>(new ExternalTransfer(options, zones, answers));
        setup.Use(next => new ExternalHandler(options, zones, answers, setup.Queries, next));
        setup.WhenWired(block =>
        {
            IReadOnlyList<IClusterView> views = block.All<IClusterView>();
            if (views.Count == 0)
            {
                setup.Diagnostics.Error(setup.Directives[0].Span, "k8s_external: shows the services of a cluster; put 'kubernetes' into this server block too");
            }

            answers.Wire(views);
        });
    }

    private static ExternalOptions Read(DirectiveReader reader)
    {
        DnsName[] zones = [.. reader.Zones().Select(z => z.ToLower())];
        var options = new ExternalOptions { Zones = zones, PrimaryZone = Array.Find(zones, z => !ExternalZone.IsReverseName(z)) };
        reader.Properties(new(StringComparer.Ordinal)
        {
            ["apex"] = p => options = options with { Apex = ReadApex(p) },
            ["ttl"] = p => options = options with { Ttl = (uint)p.Int(0, ExternalOptions.MaxTtl, (int)options.Ttl) },
            ["headless"] = _ => options = options with { Headless = true },
            ["hostnames"] = p => options = options with { HostSources = ReadSources(p) },
            ["fallthrough"] = p => options = options with { Fallthrough = Fallthrough.For(p.Zones([])) },
        });
        return options;
    }

    private static string ReadApex(DirectiveReader reader)
    {
        string label = reader.Word("a label").ToLowerInvariant();
        if (label.Length is 0 or > DnsNameView.MaxLabelLength || label.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
        {
            reader.Error($"'{label}' is not a label: 1 to 63 letters, digits and dashes, such as 'dns'");
            return "dns";
        }

        return label;
    }

    private static HostSources ReadSources(DirectiveReader reader)
    {
        HostSources sources = HostSources.None;
        while (reader.HasArgument)
        {
            sources |= reader.Choice(Sources, HostSources.None);
        }

        return sources == HostSources.None ? HostSources.All : sources;
    }
}
