using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Building;
using MiniDns.Server.Pipeline;

namespace MiniDns.Testing.Paths;

/// <summary>A piece of a query's way through the server, ready to be run again and again: for benchmarks and for allocation budgets.</summary>
/// <remarks>A run goes to the next of many questions, so that names are looked up as strangers ask for them, not always the same.</remarks>
public abstract class QueryPath : IAsyncDisposable
{
    /// <summary>How many names the hosts file and the zone have.</summary>
    protected const int NameCount = 10_000;

    private const int MessageCount = 4096;

    private static readonly Dictionary<string, Func<QueryPath>> Known = new(StringComparer.Ordinal)
    {
        ["parse"] = static () => new ParsePath(),
        ["route"] = static () => new RoutePath(),
        ["lookup"] = static () => new LookupPath(),
        ["encode records"] = static () => new EncodePath(fromImage: false),
        ["encode image"] = static () => new EncodePath(fromImage: true),
        ["query: hosts"] = static () => new ServerPath("errors\nhosts {DIR}/hosts", "host{0}.example.org."),
        ["query: zone"] = static () => new ServerPath("errors\nfile {DIR}/zone example.org", "host{0}.example.org."),
        ["query: name error"] = static () => new ServerPath("errors\nfile {DIR}/zone example.org", "nope{0}.example.org."),
        ["query: cache"] = static () => new ServerPath("errors\ncache {\nsuccess 100000\n}\nhosts {DIR}/hosts", "host{0}.example.org."),
        ["batch: zone"] = static () => new BatchPath("errors\nfile {DIR}/zone example.org", "host{0}.example.org."),
        ["batch: proxied"] = static () => new BatchPath("errors\nproxyproto {\nallow 127.0.0.0/8\nudp_session_tracking 28s\n}\nacl {\nallow net 192.0.2.1\ndrop\n}\nfile {DIR}/zone example.org", "host{0}.example.org.", isProxied: true),
        ["batch: cache"] = static () => new BatchPath("errors\ncache {\nsuccess 100000\n}\nhosts {DIR}/hosts", "host{0}.example.org."),
    };

    private readonly List<IServerComponent> _started = [];
    private string? _directory;

    /// <summary>Every path's name.</summary>
    public static IReadOnlyList<string> Names => [.. Known.Keys];

    /// <summary>How many queries a run takes along.</summary>
    public virtual int QueriesPerRun => 1;

    /// <summary>The questions, as octets.</summary>
    protected byte[][] Messages { get; private set; } = [];

    /// <summary>Who asks.</summary>
    protected static IPEndPoint Client { get; } = new(IPAddress.Loopback, 40000);

    /// <summary>Makes a path by its name, with everything that it needs loaded.</summary>
    public static Task<QueryPath> CreateAsync(string name) => CreateAsync(Known[name]());

    /// <summary>Loads everything that a path needs.</summary>
    internal static async Task<QueryPath> CreateAsync(QueryPath path)
    {
        await path.SetUpAsync();
        return path;
    }

    /// <summary>Goes the way once.</summary>
    public abstract void Run();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (IServerComponent component in Enumerable.Reverse(_started))
        {
            await component.DisposeAsync();
        }

        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    /// <summary>Loads what the path needs.</summary>
    protected abstract Task SetUpAsync();

    /// <summary>Writes the questions.</summary>
    /// <param name="pattern">The names; <c>{0}</c> is a number.</param>
    protected void Ask(string pattern)
    {
        var random = new Random(1);
        var query = new DnsQuery(512, 512);
        Messages = new byte[MessageCount][];
        for (int i = 0; i < MessageCount; i++)
        {
            var name = DnsName.Parse(string.Format(CultureInfo.InvariantCulture, pattern, random.Next(NameCount)));
            int length = query.WriteQuestion(name.View, DnsRecordType.A, DnsRecordClass.IN, DnsHeader.RecursionDesiredFlag, dnssecOk: false);
            Messages[i] = query.ReceiveBuffer[..length];
        }
    }

    /// <summary>Answers; there once a plan is made.</summary>
    internal QueryDispatcher? Dispatcher { get; private set; }

    /// <summary>What plugins may use; there once a plan is made.</summary>
    internal DnsServices? Services { get; private set; }

    /// <summary>Sets a server block up as a server does, without sockets.</summary>
    /// <param name="directives">The block's directives; <c>{DIR}</c> stands for a directory with <c>hosts</c> and <c>zone</c>.</param>
    internal async Task<ServerPlan> PlanAsync(string directives)
    {
        _directory = Directory.CreateTempSubdirectory("minidns-path-").FullName;
        var hosts = new StringBuilder();
        var zone = new StringBuilder("$ORIGIN example.org.\n$TTL 3600\n@ SOA ns1 admin 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n");
        for (int i = 0; i < NameCount; i++)
        {
            hosts.Append(CultureInfo.InvariantCulture, $"10.0.{i >> 8}.{i & 255} host{i}.example.org\n");
            zone.Append(CultureInfo.InvariantCulture, $"host{i} A 10.0.{i >> 8}.{i & 255}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(_directory, "hosts"), hosts.ToString());
        await File.WriteAllTextAsync(Path.Combine(_directory, "zone"), zone.ToString());
        DnsServices services = Services = new DnsServices(NullLoggerFactory.Instance, TimeProvider.System, new MetricRegistry(), new HostFacts("MiniDns-test", "test-host"));
        var diagnostics = new ConfigDiagnostics();
        string text = ".:0 {\n" + directives.Replace("{DIR}", _directory, StringComparison.Ordinal) + "\n}\n";
        CorefileDocument document = CorefileParser.Parse("Corefile", text, diagnostics);
        Dispatcher = new QueryDispatcher(services);
        ServerPlan plan = new ServerPlanBuilder(new PluginCatalog(PluginOrder.All), services, Dispatcher, defaultPort: 0).Build(document, previous: null, diagnostics)
            ?? throw new InvalidOperationException(string.Join('\n', diagnostics.Items));
        foreach (IServerComponent component in plan.Components)
        {
            _started.Add(component);
            await component.StartAsync(CancellationToken.None);
        }

        return plan;
    }

    /// <summary>Where a query of a path comes from.</summary>
    internal sealed class Origin(RoutingTable routes) : IQueryOrigin
    {
        public RoutingTable Routes => routes;
    }
}
