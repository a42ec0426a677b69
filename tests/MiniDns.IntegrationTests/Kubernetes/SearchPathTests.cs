using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Kubernetes;

/// <summary>A pod whose resolv.conf is the kubelet's asks through <c>autopath</c>: with the C library's resolver, and with dig along the search path.</summary>
/// <remarks>pod 10.1.0.9 - (10.1.0.1) node, on which the server and its upstream run.</remarks>
public sealed class SearchPathTests : IAsyncLifetime
{
    private const string Search = "default.svc.cluster.local svc.cluster.local cluster.local corp.example";

    private readonly TestNetwork _network = new();
    private NetworkNamespace? _pod;
    private NetworkNamespace? _node;

    public static TheoryData<string, string> Forms => new()
    {
        { "autopath @kubernetes {\nhost_search corp.example\n}", "disabled" },
        { "autopath @kubernetes {\nhost_search corp.example\n}", "verified" },
        { "autopath resolv.conf", "disabled" },
    };

    private NetworkNamespace Pod => _pod!;

    public async Task InitializeAsync()
    {
        _pod = await _network.HostAsync("pod");
        _node = await _network.HostAsync("node");
        await NetworkNamespace.ConnectAsync(_pod, "eth0", _node, "eth0");
        await _pod.AddAddressAsync("10.1.0.9/24", "eth0");
        await _pod.AddAddressAsync("fd00:1::9/64", "eth0");     // without one the resolver asks for no addresses of the family
        await _node.AddAddressAsync("10.1.0.1/24", "eth0");
        _pod.WriteEtc("resolv.conf", $"nameserver 10.1.0.1\nsearch {Search}\noptions ndots:5\n");
        _pod.WriteEtc("hosts", "127.0.0.1 localhost\n");
        _pod.WriteEtc("nsswitch.conf", "hosts: files dns\n");
        _network.Directory.Write("resolv.conf", $"nameserver 10.1.0.1\nsearch {Search}\noptions ndots:5\n");
        _network.Directory.Write("cluster.yaml", """
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: default}
            spec: {clusterIPs: [10.96.0.20, 'fd00::20'], ports: [{name: http, protocol: TCP, port: 80}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: cart, namespace: shop}
            spec: {clusterIPs: [10.96.0.30], ports: [{name: http, protocol: TCP, port: 80}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: db, namespace: default}
            spec: {clusterIP: None, ports: [{name: sql, protocol: TCP, port: 5432}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: db-a, namespace: default, labels: {kubernetes.io/service-name: db} }
            addressType: IPv4
            endpoints: [{addresses: [10.1.0.5], hostname: db-0}]
            ports: [{name: sql, protocol: TCP, port: 5432}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: shell, namespace: default}
            status: {phase: Running, podIPs: [{ip: 10.1.0.9}]}
            """);
        _network.Directory.Write("outside.zone", """
            $TTL 300
            . SOA ns. hostmaster. 1 3600 600 86400 60
            . NS ns.
            ns. A 192.0.2.53
            www.example.org. A 192.0.2.1
            www.example.org. AAAA 2001:db8::1
            v4.example.org. A 192.0.2.4
            intra.corp.example. A 192.0.2.7

            """);
        await _network.ServeAsync(_node, """
            .:5300 {
                bind 127.0.0.1
                file outside.zone
            }
            """);
    }

    public async Task DisposeAsync() => await _network.DisposeAsync();

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_C_librarys_resolver_finds_what_it_finds_without_and_asks_once_for_what_is_outside(string autopath, string pods)
    {
        string[] names = ["web", "cart.shop", "cart.shop.svc", "db-0.db", "db", "intra", "www.example.org", "v4.example.org", "www.example.org.", "nothing.example.org", "nothing", "cart"];
        Dictionary<string, string> expected = [];
        await using (ServerProcess plain = await StartAsync("", pods))
        {
            foreach (string name in names)
            {
                expected[name] = await ResolveAsync(name);
            }

            // five names, and the last for both families, all of them over the wire
            Assert.Equal("192.0.2.1 2001:db8::1", expected["www.example.org"]);
            Assert.Equal(10, await CountAsync("www.example.org"));
        }

        await using ServerProcess server = await StartAsync(autopath, pods);
        foreach (string name in names)
        {
            string found = await ResolveAsync(name);
            Assert.True(expected[name] == found, $"{name}: '{found}' in place of '{expected[name]}'\n{server.Transcript}");
        }

        Assert.Equal(2, await CountAsync("www.example.org"));
        Assert.Equal(2, await CountAsync("v4.example.org"));
        Assert.Equal("10.96.0.20 fd00::20", expected["web"]);
        Assert.Equal("10.96.0.30", expected["cart.shop"]);
        Assert.Equal("10.1.0.5", expected["db-0.db"]);
        Assert.Equal("", expected["nothing.example.org"]);
        Assert.Equal("", expected["cart"]);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Dig_along_the_search_path_gets_its_answer_at_the_first_step(string autopath, string pods)
    {
        await using (ServerProcess plain = await StartAsync("", pods))
        {
            Assert.Equal(5, await StepsAsync("www.example.org", "192.0.2.1"));
        }

        await using ServerProcess server = await StartAsync(autopath, pods);
        Assert.Equal(1, await StepsAsync("www.example.org", "192.0.2.1"));
        Assert.Equal(1, await StepsAsync("web", "10.96.0.20"));
        Assert.InRange(await StepsAsync("cart.shop", "10.96.0.30"), 1, 2);
        Assert.Equal(5, await StepsAsync("nothing.example.org", expected: null));
    }

    private Task<ServerProcess> StartAsync(string autopath, string pods) => ServerProcess.StartAsync(_network.Directory, $$"""
        .:53 {
            bind 10.1.0.1
            errors
            {{autopath}}
            cache 30
            kubernetes cluster.local {
                manifests cluster.yaml
                pods {{pods}}
            }
            forward . 127.0.0.1:5300
        }
        """, [.. _node!.Exec]);

    /// <summary>The addresses that a program gets, of both families.</summary>
    private async Task<string> ResolveAsync(string name) =>
        string.Join(' ', (await Pod.RunAsync("getent", "ahosts", name)).Lines.Where(l => l.Length > 0).Select(l => l.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal));

    /// <summary>How many datagrams the pod sends for a name.</summary>
    private async Task<long> CountAsync(string name)
    {
        long before = await SentAsync();
        await ResolveAsync(name);
        return await SentAsync() - before;
    }

    private async Task<long> SentAsync()
    {
        string[][] udp = [.. (await Pod.RunAsync("cat", "/proc/net/snmp")).Lines.Where(l => l.StartsWith("Udp:", StringComparison.Ordinal)).Select(l => l.Split(' '))];
        return long.Parse(udp[1][Array.IndexOf(udp[0], "OutDatagrams")], CultureInfo.InvariantCulture);
    }

    /// <summary>Lets dig walk along the search path, and looks at the address that the last step answers with, behind its aliases.</summary>
    /// <returns>How many steps it takes.</returns>
    private async Task<int> StepsAsync(string name, string? expected)
    {
        string output = (await Pod.RunAsync("dig", "+search", "+showsearch", "+tries=1", "+noall", "+answer", "+comments", name)).Output;
        string? last = output.Split('\n').LastOrDefault(l => l.Length > 0 && l[0] != ';');
        Assert.True(expected == last?[(last.LastIndexOfAny(['\t', ' ']) + 1)..], output);
        return output.Split("->>HEADER<<-").Length - 1;
    }
}
