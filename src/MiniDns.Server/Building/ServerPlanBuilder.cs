using System.Net;
using System.Net.Sockets;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Building;

/// <summary>Lays a Corefile out as a plan: keys, plugins, chains, routes. Finds all that is wrong; opens nothing.</summary>
/// <param name="catalog">The plugins.</param>
/// <param name="services">What plugins may use.</param>
/// <param name="dispatcher">Answers queries, whichever plan they belong to.</param>
/// <param name="defaultPort">The port of keys that name none.</param>
internal sealed class ServerPlanBuilder(PluginCatalog catalog, DnsServices services, QueryDispatcher dispatcher, int defaultPort)
{
    /// <summary>CoreDNS 1.14.7's plugins, so that one that is still missing here is not called a typing error.</summary>
    private static readonly HashSet<string> CoreDnsNames = new(StringComparer.Ordinal)
    {
        "root", "metadata", "geoip", "cancel", "proxyproto", "quic", "grpc_server", "https", "https3", "timeouts", "multisocket", "reload", "nsid",
        "bufsize", "bind", "debug", "trace", "ready", "health", "pprof", "shed", "prometheus", "errors", "log", "dnstap", "local", "dns64", "any",
        "chaos", "loadbalance", "tsig", "rewrite", "autopath", "acl", "cache", "header", "dnssec", "tls", "minimal", "template", "transfer", "hosts",
        "route53", "azure", "clouddns", "k8s_external", "kubernetes", "file", "auto", "secondary", "etcd", "loop", "forward", "grpc", "erratic",
        "whoami", "on", "sign", "view", "nomad",
    };

    /// <summary>Sees every block once its plugins are set up, whether or not there are errors; null when nobody wants to.</summary>
    public Action<IReadOnlyList<BlockBuilder>>? WhenSetUp { get; init; }

    /// <summary>Puts something in front of each handler, given its block and its plugin; null for nothing, which costs nothing.</summary>
    public Func<ServerBlockInfo, string, IDnsHandler, IDnsHandler>? Watch { get; init; }

    /// <summary>Builds a plan.</summary>
    /// <param name="corefile">The configuration.</param>
    /// <param name="previous">The plan being replaced, whose state may be taken over; null at the first start.</param>
    /// <param name="diagnostics">Takes every error and warning.</param>
    /// <returns>Null when there are errors.</returns>
    public ServerPlan? Build(CorefileDocument corefile, ServerPlan? previous, ConfigDiagnostics diagnostics)
    {
        var parts = new PlanParts(previous, Watch);
        DnsServices scoped = services with { Metrics = services.Metrics.OpenScope() };
        List<BlockBuilder> blocks = [];
        for (int i = 0; i < corefile.Blocks.Count; i++)
        {
            blocks.Add(SetUp(corefile, i, parts, scoped, diagnostics));
        }

        foreach (IAmbientPlugin plugin in catalog.Plugins.OfType<IAmbientPlugin>().Where(p => !corefile.Blocks.Any(b => b.Directives.Any(d => d.Name.Text == p.Name))))
        {
            if (plugin.SetUpWithout(scoped) is { } component)
            {
                parts.Components.Add(component);
            }
        }

        parts.ForgetPrevious();

        // Before the way out, so that the user sees doubled zones along with everything else.
        IReadOnlyList<EndpointDraft> drafts = Assign(blocks, parts.Use, diagnostics);
        WhenSetUp?.Invoke(blocks);
        if (diagnostics.HasErrors)
        {
            return null;
        }

        foreach (BlockBuilder block in blocks)
        {
            block.Build();
        }

        foreach (Action<BlockCapabilities> action in parts.Wired)
        {
            action(parts.Capabilities);
        }

        return diagnostics.HasErrors
            ? null
            : new ServerPlan
            {
                Endpoints = [.. drafts.Select(d => d.Build())],
                Components = parts.Components,
                Pages = parts.Pages,
                ServingListeners = parts.Capabilities.All<IServingListener>(),
                ShutdownListeners = parts.Capabilities.All<IShutdownListener>(),
                Kept = parts.Kept,
                Files = [.. corefile.Files.Concat(parts.Files).Distinct(StringComparer.Ordinal)],
                OtherFiles = parts.Files,
                Fingerprint = ConfigFingerprint.Of(corefile, parts.Files),
                Debug = blocks.Exists(b => b.Info.Debug),
                StackTraces = blocks.Exists(b => b.Info.StackTrace || b.Info.Debug),
                Gauges = scoped.Metrics,
                Use = parts.Use,
                StrayObserver = parts.Capabilities.All<IStrayObserver>() is [IStrayObserver first, ..] ? first : null,
            };
    }

    private BlockBuilder SetUp(CorefileDocument corefile, int index, PlanParts parts, DnsServices scoped, ConfigDiagnostics diagnostics)
    {
        ServerBlockNode node = corefile.Blocks[index];
        List<ServerKey> keys = [];
        foreach (CorefileToken token in node.Keys)
        {
            if (!ServerKey.TryParse(token, defaultPort, diagnostics, out ServerKey? key))
            {
                continue;
            }

            if (!IsServed(key.Scheme))
            {
                diagnostics.Error(token.Span, $"{ServerKey.SchemeText(key.Scheme)}:// is not served yet; 'dns://', 'tls://', 'https://' and keys without a scheme are");
            }

            keys.Add(key);
        }

        var info = new ServerBlockInfo(index, [.. keys.SelectMany(k => k.Zones).Distinct()], Path.GetDirectoryName(corefile.Path) ?? "") { Schemes = [.. keys.Select(k => k.Scheme).Distinct()] };
        ILookup<string, Directive> directives = node.Directives.ToLookup(d => d.Name.Text, StringComparer.Ordinal);
        string[] usual = [.. catalog.Plugins.Where(p => directives.Contains(p.Name)).Select(p => p.Name)];
        var builder = new BlockBuilder(parts, node, info, keys, new ServerQueryRunner(dispatcher, services.Time)) { UsualOrder = usual };
        foreach (IGrouping<string, Directive> unknown in directives.Where(d => !catalog.TryGet(d.Key, out _)))
        {
            foreach (Directive directive in unknown)
            {
                diagnostics.Error(directive.Span, Unknown(unknown.Key, "directive"));
            }
        }

        foreach (IDnsPlugin plugin in catalog.Plugins.Where(p => directives.Contains(p.Name)))
        {
            plugin.Setup(new PlanSetup
            {
                Builder = builder,
                Directives = [.. directives[plugin.Name]],
                Block = info,
                Services = scoped,
                Queries = builder.Runner,
                Diagnostics = diagnostics,
                Endpoint = builder.Endpoint,
            });
        }

        builder.Arrange(InOwnOrder(builder, usual, diagnostics));
        return builder;
    }

    private static bool IsServed(ServerScheme scheme) => scheme is ServerScheme.Dns or ServerScheme.Tls or ServerScheme.Https;

    private string Unknown(string name, string what) => CoreDnsNames.Contains(name)
        ? $"CoreDNS's plugin '{name}' is not part of MiniDns yet"
        : $"unknown {what} '{name}'{NearNames.Hint(name, catalog.Names)}";

    /// <summary>Gives the plugins that a block puts in order the places that they have among all, in that order; the others stay where they are.</summary>
    private string[] InOwnOrder(BlockBuilder block, string[] usual, ConfigDiagnostics diagnostics)
    {
        List<string> named = [];
        foreach (CorefileToken token in block.Info.Order)
        {
            if (!catalog.TryGet(token.Text, out _))
            {
                diagnostics.Error(token.Span, $"order: {Unknown(token.Text, "plugin")}");
            }
            else if (!usual.Contains(token.Text, StringComparer.Ordinal))
            {
                diagnostics.Warning(token.Span, $"order: '{token.Text}' is not in this block");
            }
            else if (!block.Handlers.Exists(h => h.Plugin == token.Text))
            {
                diagnostics.Warning(token.Span, $"order: '{token.Text}' sees no queries, so its place means nothing");
            }
            else if (!named.Contains(token.Text, StringComparer.Ordinal))
            {
                named.Add(token.Text);
            }
        }

        int next = 0;
        return [.. usual.Select(plugin => named.Contains(plugin, StringComparer.Ordinal) ? named[next++] : plugin)];
    }

    /// <summary>Groups the blocks by the addresses they are served at.</summary>
    private static List<EndpointDraft> Assign(List<BlockBuilder> blocks, PlanUse use, ConfigDiagnostics diagnostics)
    {
        IPAddress everywhere = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        Dictionary<(ServerScheme, IPEndPoint), EndpointDraft> drafts = [];
        List<EndpointDraft> order = [];
        HashSet<SourceSpan> doubled = [];
        foreach (BlockBuilder block in blocks)
        {
            List<EndpointDraft> mine = [];
            bool isBound = block.Endpoint.BindAddresses.Count > 0;
            IPAddress[] addresses = isBound ? [.. block.Endpoint.BindAddresses.Select(b => b.Address).Distinct()] : [everywhere];
            foreach (ServerKey key in block.Keys.Where(k => IsServed(k.Scheme)))
            {
                foreach (IPAddress address in addresses)
                {
                    var place = new IPEndPoint(address, key.Port);
                    if (!drafts.TryGetValue((key.Scheme, place), out EndpointDraft? draft))
                    {
                        if (key.Port != 0 && order.Find(d => d.Place.Equals(place)) is { } other && doubled.Add(key.Token.Span))
                        {
                            diagnostics.Error(key.Token.Span, $"'{key.Token.Text}' needs TCP port {key.Port}{(isBound ? " of " + address : "")}, which {other.Endpoint.Label} has at {other.Span}; give one of them another port");
                        }

                        draft = new EndpointDraft(key.Scheme, address, key.Port, isBound, use, order.Count, key.Token.Span);
                        drafts.Add((key.Scheme, place), draft);
                        order.Add(draft);
                    }

                    draft.Take(block.Endpoint, diagnostics);
                    draft.Add(key, block, diagnostics);
                    mine.Add(draft);
                }
            }

            block.Info.Servers = [.. mine.Select(d => d.Endpoint).Distinct()];
            block.Runner.FirstEndpoint = () => mine.Count > 0 ? mine[0].Routes : RoutingTable.Empty;
        }

        foreach (EndpointDraft draft in order)
        {
            draft.RequireCertificate(blocks.Where(b => b.Info.Servers.Contains(draft.Endpoint)), diagnostics);
        }

        return order;
    }
}
