using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MiniDns.Plugins;

namespace MiniDns.Server.Tests.Shape;

/// <summary>Who may know whom: the one dependency rule of the house.</summary>
public partial class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["MiniDns.Protocol"] = [],
        ["MiniDns.Sockets"] = [],
        ["MiniDns.Files"] = [],
        ["MiniDns.Zones"] = ["MiniDns.Protocol"],
        ["MiniDns.Cluster"] = ["MiniDns.Protocol", "MiniDns.Files"],
        ["MiniDns.Client"] = ["MiniDns.Protocol", "MiniDns.Sockets"],
        ["MiniDns.Core"] = ["MiniDns.Protocol"],
        ["MiniDns.Telemetry"] = ["MiniDns.Core"],
        ["MiniDns.Plugins"] = ["MiniDns.Core", "MiniDns.Client", "MiniDns.Zones", "MiniDns.Cluster", "MiniDns.Files", "MiniDns.Telemetry", "MiniDns.Protocol", "MiniDns.Sockets"],
        ["MiniDns.Server"] = ["MiniDns.Core", "MiniDns.Sockets", "MiniDns.Protocol"],
        ["minidns"] = ["MiniDns.Server", "MiniDns.Plugins", "MiniDns.Core", "MiniDns.Protocol"],
        ["MiniDns"] = ["MiniDns.Server", "MiniDns.Plugins", "MiniDns.Core", "MiniDns.Protocol"],
    };

    [Fact]
    public void Every_assembly_references_only_what_it_may()
    {
        Assembly[] assemblies =
        [
            typeof(Protocol.Names.DnsName).Assembly,
            typeof(Sockets.WakeEvent).Assembly,
            typeof(Files.FileWatch).Assembly,
            typeof(Cluster.ClusterWatch).Assembly,
            typeof(Client.Upstream).Assembly,
            typeof(Telemetry.MetricExport).Assembly,
            typeof(IDnsPlugin).Assembly,
            typeof(PluginOrder).Assembly,
            typeof(Hosting.StartFailure).Assembly,
        ];
        foreach (Assembly assembly in assemblies)
        {
            string name = assembly.GetName().Name!;
            IEnumerable<string> ours = assembly.GetReferencedAssemblies().Select(r => r.Name!).Where(r => r.StartsWith("MiniDns", StringComparison.OrdinalIgnoreCase));
            Assert.Empty(ours.Except(Allowed[name]));
        }
    }

    [Fact]
    public void The_protocol_knows_nothing_but_the_base_library()
    {
        foreach (Assembly assembly in (Assembly[])[typeof(Protocol.Names.DnsName).Assembly, typeof(Sockets.WakeEvent).Assembly])
        {
            Assert.All(assembly.GetReferencedAssemblies(), r => Assert.Matches(@"^(System(\..*)?|Microsoft\.Win32\.Primitives|netstandard|mscorlib)$", r.Name));
        }
    }

    [Fact]
    public void Every_project_references_only_what_it_may()
    {
        List<string> projects = [.. SourceTree.Files("src", "*.csproj"), .. SourceTree.Files("plugins", "*.csproj")];
        Assert.True(projects.Count >= 7);
        foreach (string project in projects)
        {
            string name = Path.GetFileNameWithoutExtension(project);
            IEnumerable<string> references = XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.True(Allowed.TryGetValue(name, out string[]? allowed), $"{name} is new: say here what it may reference");
            Assert.True(!references.Except(allowed).Any(), $"{name} references {string.Join(", ", references.Except(allowed))}");
        }
    }

    [Fact]
    public void No_plugin_uses_another_plugins_namespace()
    {
        int files = 0;
        foreach (string file in SourceTree.Files("plugins", "*.cs"))
        {
            string[] parts = SourceTree.Relative(file).Split('/');
            if (parts.Length < 3)
            {
                continue;
            }

            files++;
            string mine = SourceTree.NamespaceOf(parts[1]);
            string text = File.ReadAllText(file);
            Assert.Matches($@"(?m)^namespace MiniDns\.Plugins\.{mine}(\.[\w.]+)?;", text);
            foreach (Match match in PluginNamespace().Matches(text))
            {
                string other = match.Groups[1].Value;
                Assert.True(other == mine || !SourceTree.PluginFolders().Any(f => SourceTree.NamespaceOf(f) == other), $"{SourceTree.Relative(file)} uses the plugin {other}");
            }
        }

        Assert.True(files > 20);
    }

    [Fact]
    public void The_server_names_no_plugin()
    {
        foreach (string file in SourceTree.Files("src/MiniDns.Server", "*.cs").Concat(SourceTree.Files("src/MiniDns.Core", "*.cs")))
        {
            foreach (Match match in PluginNamespace().Matches(File.ReadAllText(file)))
            {
                Assert.False(Directory.Exists(Path.Combine(SourceTree.Root, "plugins", match.Groups[1].Value)), $"{SourceTree.Relative(file)} uses the plugin {match.Groups[1].Value}");
            }
        }
    }

    [GeneratedRegex(@"MiniDns\.Plugins\.(\w+)")]
    private static partial Regex PluginNamespace();
}
