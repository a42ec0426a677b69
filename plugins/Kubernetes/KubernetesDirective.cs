using System.Globalization;
using MiniDns.Cluster;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Reads a <c>kubernetes</c> directive.</summary>
internal static class KubernetesDirective
{
    private static readonly DnsName IPv4Reverse = DnsName.Parse("in-addr.arpa.");
    private static readonly DnsName IPv6Reverse = DnsName.Parse("ip6.arpa.");

    private static readonly Dictionary<string, PodMode> PodModes = new(StringComparer.Ordinal)
    {
        ["disabled"] = PodMode.Disabled,
        ["insecure"] = PodMode.Insecure,
        ["verified"] = PodMode.Verified,
    };

    /// <summary>True for a zone of reverse names.</summary>
    public static bool IsReverse(DnsName zone) => zone.IsSubdomainOf(IPv4Reverse) || zone.IsSubdomainOf(IPv6Reverse);

    /// <summary>Reads the directive.</summary>
    public static KubernetesOptions Read(DirectiveReader reader)
    {
        var options = new KubernetesOptions { Zones = [.. reader.Zones().Select(z => z.ToLower())] };
        SourceSpan? api = null;
        SourceSpan? namespaces = null;
        SourceSpan? namespaceLabels = null;
        SourceSpan? zonal = null;
        Dictionary<string, Action<DirectiveReader>> properties = new(StringComparer.Ordinal)
        {
            ["endpoint"] = p =>
            {
                api = p.Directive.Span;
                options = options with { Api = options.Api with { Endpoint = ReadEndpoint(p) } };
            },
            ["tls"] = p =>
            {
                if (p.ArgumentCount(3, 3, "tls CERT KEY CACERT"))
                {
                    options = options with { Api = options.Api with { CertificatePath = p.Path(), KeyPath = p.Path(), AuthorityPath = p.Path() } };
                }
            },
            ["kubeconfig"] = p =>
            {
                api = p.Directive.Span;
                if (p.ArgumentCount(1, 2, "kubeconfig FILE [CONTEXT]"))
                {
                    string path = p.Path();
                    if (path.Length > 0 && !File.Exists(path))
                    {
                        p.Warning($"there is no file '{path}' (yet): the cluster is not asked before there is");
                    }

                    options = options with { Api = options.Api with { KubeConfigPath = path, KubeConfigContext = p.HasArgument ? p.Word("a context") : null } };
                }
            },
            ["apiserver_qps"] = p => options = options with { Api = options.Api with { QueriesPerSecond = ReadRate(p) } },
            ["apiserver_burst"] = p => options = options with { Api = options.Api with { Burst = p.Int(0, int.MaxValue, 0) } },
            ["apiserver_max_inflight"] = p => options = options with { Api = options.Api with { MaxInFlight = p.Int(0, int.MaxValue, 0) } },
            ["manifests"] = p =>
            {
                if (p.ArgumentCount(1, int.MaxValue, "manifests PATH..."))
                {
                    options = options with { Manifests = [.. options.Manifests, .. ReadPaths(p)] };
                }
            },
            ["namespaces"] = p =>
            {
                namespaces = p.Directive.Span;
                if (p.ArgumentCount(1, int.MaxValue, "namespaces NAMESPACE..."))
                {
                    options = options with { Namespaces = [.. options.Namespaces.Concat(p.Rest().Select(t => t.Text.ToLowerInvariant())).Distinct(StringComparer.Ordinal)] };
                }
            },
            ["namespace_labels"] = p =>
            {
                namespaceLabels = p.Directive.Span;
                options = options with { NamespaceLabels = ReadSelector(p) };
            },
            ["labels"] = p => options = options with { Labels = ReadSelector(p) },
            ["pods"] = p => options = options with { Pods = p.Choice(PodModes, PodMode.Disabled) },
            ["endpoint_pod_names"] = _ => options = options with { EndpointPodNames = true },
            ["ttl"] = p => options = options with { Ttl = (uint)p.Int(0, KubernetesOptions.MaxTtl, 5) },
            ["negttl"] = p => options = options with { NegativeTtl = (uint)p.Int(0, KubernetesOptions.MaxTtl, 1) },
            ["noendpoints"] = _ => options = options with { Endpoints = false },
            ["fallthrough"] = p => options = options with { Fallthrough = Fallthrough.For(p.Zones([])) },
            ["ignore"] = p =>
            {
                // CoreDNS takes the bare word for nothing
                if (p.HasArgument && p.Choice(new Dictionary<string, bool>(StringComparer.Ordinal) { ["empty_service"] = true }, fallback: false))
                {
                    options = options with { IgnoreEmptyServices = true };
                }
            },
            ["multicluster"] = p => options = options with { MulticlusterZones = ReadMulticlusterZones(p, options.Zones) },
            ["zonal"] = p =>
            {
                zonal = p.Directive.Span;
                options = options with { Zonal = true };
            },
            ["startup_timeout"] = p => options = options with { StartupTimeout = p.Duration(options.StartupTimeout) },
            ["snapshot"] = p => options = options with { SnapshotPath = p.Path() },
        };
        reader.Properties(properties, repeatable: ["namespaces", "manifests"]);
        if (namespaces is not null && namespaceLabels is { } second)
        {
            reader.Error(second, "'namespaces' and 'namespace_labels' exclude each other: the one names what the other selects");
        }

        if (zonal is { } at && !options.Endpoints)
        {
            reader.Error(at, "'zonal' needs endpoints, which 'noendpoints' does away with");
        }

        if (options.Manifests.Count > 0 && api is { } both)
        {
            reader.Error(both, "'manifests' takes the place of an API server: write either; two clusters are two directives");
        }

        DnsName? primary = options.Zones.FirstOrDefault(z => !IsReverse(z));
        if (primary is null)
        {
            reader.Error(reader.Directive.Span, "only reverse zones are given; services need a zone for their names, such as 'cluster.local'");
        }

        return options with { PrimaryZone = primary ?? DnsName.Root };
    }

    private static Uri? ReadEndpoint(DirectiveReader property)
    {
        if (!property.TryWord("the URL of an API server", out string? text))
        {
            return null;
        }

        if (!Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            property.Error($"'{text}' is not the URL of an API server such as https://192.0.2.1:6443");
        }

        if (property.HasArgument)
        {
            property.Warning("one API server is asked, the first; write the address of a load balancer in front of several");
            property.Rest();
        }

        return url;
    }

    private static double ReadRate(DirectiveReader property)
    {
        if (!property.TryWord("a number of requests a second", out string? text))
        {
            return 0;
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) || !(rate >= 0) || double.IsInfinity(rate))
        {
            property.Error($"'{text}' is not a number of requests a second, 0 or more");
            return 0;
        }

        return rate;
    }

    private static List<string> ReadPaths(DirectiveReader property)
    {
        List<string> paths = [];
        while (property.HasArgument)
        {
            if (property.TryPath(out string? path, "the path of a file or a directory"))
            {
                paths.Add(path);
            }
        }

        return paths;
    }

    private static LabelSelector? ReadSelector(DirectiveReader property)
    {
        if (!property.ArgumentCount(1, int.MaxValue, property.Name + " EXPRESSION"))
        {
            return null;
        }

        string text = string.Join(' ', property.Rest().Select(t => t.Text));
        if (!LabelSelector.TryParse(text, out LabelSelector? selector, out string? error))
        {
            property.Error(error);
        }

        return selector;
    }

    private static DnsName[] ReadMulticlusterZones(DirectiveReader property, IReadOnlyList<DnsName> zones)
    {
        DnsName[] given = [.. property.Zones([]).Select(z => z.ToLower())];
        foreach (DnsName stranger in given.Where(z => !zones.Contains(z)))
        {
            property.Error($"{stranger} is none of the directive's zones; write it behind 'kubernetes' too");
        }

        return given;
    }
}
