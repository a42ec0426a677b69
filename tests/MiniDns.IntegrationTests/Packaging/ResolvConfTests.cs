using System.Text.Json;
using System.Text.RegularExpressions;
using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>What config/resolv.conf.md tells people to write, tried.</summary>
public sealed partial class ResolvConfTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    /// <summary>The settings of resolved.conf(5) and NetworkManager.conf(5) that it uses.</summary>
    private static readonly string[] Known =
    [
        "[Resolve] DNS=127.0.0.1", "[Resolve] Domains=~.", "[Resolve] DNSStubListener=no", "[main] dns=none", "[global-dns-domain-*] servers=127.0.0.1",
    ];

    private static readonly string Text = File.ReadAllText(Repository.PathOf("config", "resolv.conf.md"));

    [Fact]
    public async Task A_host_whose_resolv_conf_names_it_resolves()
    {
        string corefile = Blocks("corefile")[0];
        Assert.Contains("forward . 192.0.2.1 192.0.2.2", corefile, StringComparison.Ordinal);
        host.Network.WriteEtc("resolv.conf", Assert.Single(Blocks("conf")));
        host.Network.WriteEtc("hosts", "10.0.0.1 web.mycompany.com\n");
        host.Directory.Write("Corefile", corefile);
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch());
        Assert.Equal(".:53 on 127.0.0.1", server.Output.All[0]);

        // The DNS module alone, so that the hosts file is the server's and not this program's.
        ToolResult result = (await host.Network.RunAsync("getent", "--service=dns", "hosts", "web.mycompany.com")).Succeeded();
        Assert.StartsWith("10.0.0.1 ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_find_it_at_the_bridge()
    {
        string[] corefiles = Blocks("corefile");
        Assert.Equal(2, corefiles.Length);
        host.Directory.Write("Corefile.docker", corefiles[1] + "docker.example {\n    bind 172.17.0.1\n    whoami\n}\n");
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "Corefile.docker"));
        Assert.Equal([".:53 on 127.0.0.1", ".:53 on 172.17.0.1"], server.Output.All.Where(l => l.StartsWith('.')));

        // Docker comes later, and with it the bridge.
        await host.Network.AddAddressAsync("172.17.0.1/32", "lo");
        Assert.Equal("NOERROR", DigReply.Parse(await host.Network.RunAsync("dig", "@172.17.0.1", "+tries=1", "docker.example")).Code);
        JsonElement daemon = JsonDocument.Parse(Assert.Single(Blocks("json"))).RootElement;
        Assert.Equal(["172.17.0.1"], daemon.GetProperty("dns").Deserialize<string[]>()!);
    }

    [Fact]
    public void Each_setting_is_one_that_its_program_knows()
    {
        string[] found =
        [
            .. from block in Blocks("ini")
               let lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries)
               from line in lines.Skip(1)
               select lines[0] + " " + line,
        ];
        Assert.Equal(Known.Order(StringComparer.Ordinal), found.Distinct().Order(StringComparer.Ordinal));
    }

    private static string[] Blocks(string language) => [.. Fence().Matches(Text).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["text"].Value)];

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Fence();
}
