using System.Globalization;

namespace MiniDns.IntegrationTests.Support;

/// <summary>A network stack of its own, with its own addresses, ports and <c>/etc/resolv.conf</c>. Root only.</summary>
/// <remarks>The name holds the id of this process, so that what a killed run left behind is known and removed by the next one.</remarks>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private const string NamePrefix = "minidns-it-";
    private static readonly Lazy<Task> Sweep = new(RemoveLeftoversAsync);
    private static int _count;

    private NetworkNamespace(string name)
    {
        Name = name;
    }

    /// <summary>Its name for <c>ip netns</c>.</summary>
    public string Name { get; }

    /// <summary>What to put in front of a command that is to run inside.</summary>
    public IReadOnlyList<string> Exec => ["ip", "netns", "exec", Name];

    private string EtcDirectory => EtcOf(Name);

    /// <summary>Makes a namespace whose loopback interface is up.</summary>
    /// <param name="role">What the host is, for people who look at <c>ip netns</c>.</param>
    public static async Task<NetworkNamespace> CreateAsync(string role)
    {
        Machine.DemandRoot();
        await Sweep.Value;
        var created = new NetworkNamespace(string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-{role}"));
        (await Tool.RunAsync("ip", "netns", "add", created.Name)).Succeeded();
        await created.IpAsync("link set lo up");
        return created;
    }

    /// <summary>Connects two namespaces by a cable.</summary>
    public static async Task ConnectAsync(NetworkNamespace left, string leftInterface, NetworkNamespace right, string rightInterface)
    {
        (await Tool.RunAsync("ip", "link", "add", leftInterface, "netns", left.Name, "type", "veth", "peer", "name", rightInterface, "netns", right.Name)).Succeeded();
        await left.IpAsync($"link set {leftInterface} up");
        await right.IpAsync($"link set {rightInterface} up");
    }

    /// <summary>Runs <c>ip</c> inside.</summary>
    public async Task IpAsync(string arguments) => (await Tool.RunAsync("ip", ["-n", Name, .. arguments.Split(' ')])).Succeeded();

    /// <summary>Gives an interface an address, usable at once.</summary>
    public Task AddAddressAsync(string address, string device) =>
        IpAsync($"address add {address} dev {device}{(address.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}");

    /// <summary>Sets a kernel parameter of the namespace.</summary>
    /// <param name="path">Such as <c>net/ipv4/ip_forward</c>.</param>
    /// <param name="value">The value.</param>
    public async Task SetKernelParameterAsync(string path, string value) => (await RunAsync("sh", "-c", $"echo {value} > /proc/sys/{path}")).Succeeded();

    /// <summary>Runs a program inside.</summary>
    public Task<ToolResult> RunAsync(string program, params IEnumerable<string> arguments) => Tool.RunAsync("ip", [.. Exec.Skip(1), program, .. arguments]);

    /// <summary>Makes programs that run inside see this text in place of a file of /etc.</summary>
    public void WriteEtc(string file, string text)
    {
        Directory.CreateDirectory(EtcDirectory);
        File.WriteAllText(Path.Combine(EtcDirectory, file), text);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await RemoveAsync(Name);

    private static string EtcOf(string name) => "/etc/netns/" + name;

    private static async Task RemoveAsync(string name)
    {
        await Tool.RunAsync("ip", "netns", "delete", name);
        if (Directory.Exists(EtcOf(name)))
        {
            Directory.Delete(EtcOf(name), recursive: true);
        }
    }

    private static async Task RemoveLeftoversAsync()
    {
        foreach (string line in (await Tool.RunAsync("ip", "netns", "list")).Lines)
        {
            string name = line.Split(' ')[0];
            if (name.StartsWith(NamePrefix, StringComparison.Ordinal) && !Directory.Exists("/proc/" + name[NamePrefix.Length..].Split('-')[0]))
            {
                await RemoveAsync(name);
            }
        }
    }
}
