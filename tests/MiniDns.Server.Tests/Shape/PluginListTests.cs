using System.Text.RegularExpressions;
using MiniDns.Plugins;
using MiniDns.Server.Building;

namespace MiniDns.Server.Tests.Shape;

/// <summary>The list of plugins is whole and in CoreDNS's order, and each plugin is documented.</summary>
public class PluginListTests
{
    /// <summary>The directives of CoreDNS 1.14.7 in the order of its plugin.cfg.</summary>
    private static readonly string[] CoreDns =
    [
        "root", "metadata", "geoip", "cancel", "proxyproto", "quic", "grpc_server", "https", "https3", "timeouts", "multisocket", "reload",
        "nsid", "bufsize", "bind", "debug", "trace", "ready", "health", "pprof", "shed", "prometheus", "errors", "log", "dnstap", "local",
        "dns64", "any", "chaos", "loadbalance", "tsig", "rewrite", "autopath", "acl", "cache", "header", "dnssec", "tls", "minimal",
        "template", "transfer", "hosts", "route53", "azure", "clouddns", "k8s_external", "kubernetes", "file", "auto", "secondary", "etcd",
        "loop", "forward", "grpc", "erratic", "whoami", "on", "sign", "view", "nomad",
    ];

    /// <summary>Ours that CoreDNS does not have, with the one of CoreDNS's whose place each takes.</summary>
    private static readonly Dictionary<string, string> Own = new(StringComparer.Ordinal)
    {
        ["order"] = "root",
        ["explain"] = "pprof",
        ["overload"] = "shed",
        ["telemetry"] = "prometheus",
        ["search"] = "autopath",
        ["ratelimit"] = "cache",
        ["rpz"] = "cache",
        ["blocklist"] = "cache",
    };

    private static readonly string[] Headings = ["## Name", "## Description", "## Syntax", "## Examples", "## Metrics", "## Differences from CoreDNS"];

    [Fact]
    public void Names_are_unique() => Assert.Equal(PluginOrder.All.Count, PluginOrder.All.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void The_order_is_CoreDNSs()
    {
        int last = -1;
        foreach (IDnsPlugin plugin in PluginOrder.All)
        {
            int place = Array.IndexOf(CoreDns, Own.GetValueOrDefault(plugin.Name, plugin.Name));
            Assert.True(place >= 0, $"{plugin.Name} is not one of CoreDNS's: give it a place here");
            Assert.True(place >= last, $"{plugin.Name} stands too late");
            last = place;
        }
    }

    /// <summary>Access rules stand behind whatever gives the chain another question.</summary>
    [Fact]
    public void Plugins_that_change_questions_are_known_to_the_guards()
    {
        IEnumerable<string> changers = SourceTree.Files("plugins", "*.cs")
            .Where(f => Regex.IsMatch(File.ReadAllText(f), @"\.SetQuestion\("))
            .Select(f => SourceTree.Relative(f).Split('/')[1].ToLowerInvariant())
            .Distinct();
        Assert.Equal(changers.Order(StringComparer.Ordinal), BlockBuilder.QuestionChangers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_plugin_of_the_assembly_is_listed_once()
    {
        IEnumerable<string> found = typeof(PluginOrder).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(IDnsPlugin))).Select(t => t.FullName!);
        Assert.Equal(found.Order(StringComparer.Ordinal), PluginOrder.All.Select(p => p.GetType().FullName!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_plugin_lies_in_a_folder_of_its_name() =>
        Assert.All(PluginOrder.All, p => Assert.Equal("MiniDns.Plugins." + SourceTree.NamespaceOf(p.GetType().Name[..^"Plugin".Length]), p.GetType().Namespace));

    [Fact]
    public void Every_plugin_folder_has_a_README_with_its_headings()
    {
        List<string> wrong = [];
        foreach (IDnsPlugin plugin in PluginOrder.All)
        {
            string folder = plugin.GetType().Name[..^"Plugin".Length];
            string file = Path.Combine(SourceTree.Root, "plugins", folder, "README.md");
            if (!File.Exists(file))
            {
                wrong.Add($"plugins/{folder}/README.md is missing");
                continue;
            }

            string[] lines = File.ReadAllLines(file);
            if (lines[0] != "# " + plugin.Name)
            {
                wrong.Add($"plugins/{folder}/README.md: the first line is not '# {plugin.Name}'");
            }

            string[] headings = [.. lines.Where(l => l.StartsWith("## ", StringComparison.Ordinal))];
            wrong.AddRange(Headings.Except(headings, StringComparer.Ordinal).Select(h => $"plugins/{folder}/README.md: '{h}' is missing"));
            string[] required = [.. headings.Where(h => Headings.Contains(h, StringComparer.Ordinal))];
            if (!required.SequenceEqual(Headings.Where(h => required.Contains(h, StringComparer.Ordinal))))
            {
                wrong.Add($"plugins/{folder}/README.md: the headings are out of order");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Metric_names_are_those_of_CoreDNS_or_our_own()
    {
        foreach (string file in SourceTree.Files("src", "*.cs").Concat(SourceTree.Files("plugins", "*.cs")))
        {
            foreach (Match match in Regex.Matches(File.ReadAllText(file), @"\.(?:Counter|Gauge|Histogram|Total)\(\s*""([^""]*)"""))
            {
                // What a process takes of its machine has the names that every exporter gives it.
                Assert.Matches("^(coredns|minidns|process|dotnet)_[a-z0-9_]*$", match.Groups[1].Value);
            }
        }
    }
}
