using MiniDns.Cluster;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Autopath;

/// <summary><c>autopath [ZONE...] RESOLV-CONF</c>: goes along the search path of clients in their place.</summary>
public sealed class AutopathPlugin : IDnsPlugin
{
    private const string HostFile = "/etc/resolv.conf";

    /// <inheritdoc/>
    public string Name => "autopath";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce() || Read(new DirectiveReader(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root), setup.Block) is not { } options)
        {
            return;
        }

        SearchPath path;
        if (options.FollowsCluster)
        {
            var cluster = new ClusterSearchPath(options.Domains, setup.Services.Time);
            setup.WhenWired(block =>
            {
                IReadOnlyList<IClusterView> views = block.All<IClusterView>();
                cluster.Wire(views);
                if (views.Count == 0)
                {
                    setup.Diagnostics.Warning(setup.Directives[0].Span, "autopath: there is no 'kubernetes' in this server block, so no name is completed");
                }
            });
            path = cluster;
        }
        else
        {
            path = new FixedSearchPath(options.Domains);
        }

        MetricRegistry metrics = setup.Services.Metrics;
        PerServer<StripedCounter> successes = new(server => metrics.Counter(
            "coredns_autopath_success_total", "Questions answered with a name further along the client's search path.", ("server", server.Label)));
        setup.WhenWired(_ => successes.MakeAll(setup.Block.Servers));
        setup.Use(next => new AutopathHandler(options, path, setup.Queries, successes, next));
    }

    private static AutopathOptions? Read(DirectiveReader reader, ServerBlockInfo block)
    {
        List<CorefileToken> words = [.. reader.Rest()];
        if (words.Count == 0)
        {
            reader.Error("a file with a search path, or '@kubernetes', is expected; write 'autopath [ZONE...] RESOLV-CONF'");
            return null;
        }

        List<DnsName> zones = words.Count == 1 ? [.. block.Zones] : [];
        foreach (CorefileToken word in words[..^1])
        {
            if (ZoneText.TryParse(word.Text, out IReadOnlyList<DnsName>? found, out string? error))
            {
                zones.AddRange(found);
            }
            else
            {
                reader.Error(word.Span, $"'{word.Text}' cannot be read as a zone: {error}");
            }
        }

        CorefileToken source = words[^1];
        bool followsCluster = source.Text == "@kubernetes";
        IReadOnlyList<DnsName>? hostDomains = null;
        reader.Properties(new(StringComparer.Ordinal) { ["host_search"] = p => hostDomains = ReadDomains(p, followsCluster) });
        if (followsCluster)
        {
            // what the node's file says goes to pods as well; a machine without such a file is no node
            return new AutopathOptions { Zones = zones, FollowsCluster = true, Domains = hostDomains ?? (ResolvConf.TryRead(HostFile, out IReadOnlyList<DnsName> own) is null ? own : []) };
        }

        if (source.Text.Length == 0 || source.Text[0] == '@')
        {
            reader.Error(source.Span, $"'{source.Text}' is neither a file with a search path nor '@kubernetes'");
            return null;
        }

        string? problem = ResolvConf.TryRead(block.ResolvePath(source.Text), out IReadOnlyList<DnsName> domains);
        if (problem is not null || domains.Count == 0)
        {
            reader.Error(source.Span, problem ?? $"the file '{source.Text}' has no search path; it takes a line 'search DOMAIN...'");
            return null;
        }

        return new AutopathOptions { Zones = zones, Domains = domains };
    }

    private static List<DnsName> ReadDomains(DirectiveReader reader, bool followsCluster)
    {
        if (!followsCluster)
        {
            reader.Error("is for '@kubernetes'; a file has the whole search path");
        }

        List<DnsName> domains = [];
        while (reader.HasArgument)
        {
            if (domains.Count == AutopathOptions.MaxDomains)
            {
                reader.Error($"at most {AutopathOptions.MaxDomains} domains are searched");
                reader.Rest();
            }
            else if (reader.TryName(out DnsName? domain) && !domains.Contains(domain.ToLower()))
            {
                domains.Add(domain.ToLower());
            }
        }

        return domains;
    }
}
