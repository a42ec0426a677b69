using MiniDns.Plugins;
using MiniDns.Plugins.Autopath;
using MiniDns.Plugins.Cache;
using MiniDns.Plugins.Kubernetes;
using MiniDns.Plugins.Tests.Search;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Autopath;

/// <summary>A server with a cluster from manifests and an upstream behind it.</summary>
internal sealed class AutopathSetting : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-autopath").FullName;

    private AutopathSetting()
    {
    }

    public PluginHarness Server { get; private set; } = null!;

    /// <summary>Starts it.</summary>
    /// <param name="manifests">The cluster.</param>
    /// <param name="upstream">The upstream.</param>
    /// <param name="autopath">The directive; empty for none. DIR stands for a directory.</param>
    /// <param name="pods">What <c>pods</c> says.</param>
    /// <param name="cache">True to have a cache.</param>
    public static async Task<AutopathSetting> StartAsync(
        string manifests, ScriptedPlugin upstream, string autopath = "autopath @kubernetes {\nhost_search\n}", string pods = "disabled", bool cache = true)
    {
        var setting = new AutopathSetting();
        string file = Path.Combine(setting._directory, "cluster.yaml");
        await File.WriteAllTextAsync(file, manifests);
        await File.WriteAllTextAsync(Path.Combine(setting._directory, "resolv.conf"), "nameserver 192.0.2.1\nsearch example.org example.com com\n");
        setting.Server = PluginHarness.Stanza(
            $"{autopath}\n{(cache ? "cache" : "")}\nkubernetes cluster.local {{\nmanifests {file}\npods {pods}\nttl 30\n}}\nscripted".Replace("DIR", setting._directory, StringComparison.Ordinal),
            plugins: [new AutopathPlugin(), new CachePlugin(), new KubernetesPlugin(), upstream]);
        Assert.True(setting.Server.IsAccepted, setting.Server.Errors);
        await setting.Server.StartAsync();
        return setting;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
