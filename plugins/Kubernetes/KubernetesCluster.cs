using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Cluster;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>The cluster of one directive, as long as its configuration lives.</summary>
internal sealed class KubernetesCluster : IServerComponent, IReadinessProbe, IClusterView
{
    private readonly KubernetesOptions _options;
    private readonly DnsServices _services;
    private readonly EndpointOptions _endpoint;
    private readonly KubernetesCluster? _previous;
    private readonly ILogger _logger;
    private LiveCluster? _live;
    private bool _isStarted;

    /// <summary>Makes it; <see cref="Wire"/> gives it a store.</summary>
    public KubernetesCluster(KubernetesOptions options, DnsServices services, EndpointOptions endpoint, KubernetesCluster? previous)
    {
        _options = options;
        _services = services;
        _endpoint = endpoint;
        _previous = previous;
        _logger = services.LoggerFor("kubernetes");
        SearchZones = [.. options.Zones.Where(z => !KubernetesDirective.IsReverse(z) && !options.MulticlusterZones.Any(z.IsSubdomainOf))];
        NameServers = new NameServers(options);
        Answers = new ClusterAnswers(options, this);
        StaleAnswers = services.Metrics.Counter("minidns_kubernetes_stale_answers_total", "Answers from a snapshot.", ("zone", options.PrimaryZone.ToString()));
    }

    /// <inheritdoc/>
    public string Name => "kubernetes";

    /// <inheritdoc/>
    public bool IsReady => Store.IsSynchronised || Store.IsStale;

    /// <inheritdoc/>
    public ClusterStore Store { get; private set; } = null!;

    /// <inheritdoc/>
    public IReadOnlyList<DnsName> Zones => _options.Zones;

    /// <inheritdoc/>
    public DnsName PrimaryZone => _options.PrimaryZone;

    /// <inheritdoc/>
    public bool HasPods { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<DnsName> SearchZones { get; }

    /// <inheritdoc/>
    public uint Ttl => _options.Ttl;

    /// <inheritdoc/>
    public IReadOnlyList<ClusterAddress> LocalAddresses => NameServers.LocalAddresses;

    /// <summary>The names that this server has in the cluster.</summary>
    public NameServers NameServers { get; }

    /// <summary>Which ranges of addresses are used.</summary>
    public AddressRanges Ranges { get; } = new();

    /// <summary>What the directive says.</summary>
    public KubernetesOptions Options => _options;

    /// <summary>Counts answers from a snapshot.</summary>
    public StripedCounter StaleAnswers { get; }

    /// <summary>Answers from the objects.</summary>
    public ClusterAnswers Answers { get; }

    /// <summary>Finds out what has to be watched, once all plugins are set up.</summary>
    /// <param name="interests">What others need.</param>
    /// <param name="needsPodLabels">True when labels of pods are asked for.</param>
    public void Wire(IReadOnlyList<IClusterInterest> interests, bool needsPodLabels)
    {
        ClusterWatchRequest request = WatchPlan.For(_options, interests, needsPodLabels);
        _live = _previous?._live is { } old && old.Serves(_options, request) ? old : new LiveCluster(_options, request, _services);
        Store = _live.Store;
        HasPods = request.Watches.Any(w => w.Resource == ClusterResource.Pod);
        NameServers.Store = Store;
        Ranges.Store = Store;
    }

    /// <inheritdoc/>
    public bool ShowsNamespace(ReadOnlySpan<byte> name) => Answers.ShowsNamespace(name);

    /// <inheritdoc/>
    public int WriteEndpointLabel(ClusterEndpointSlice slice, int index, Span<byte> label) => EndpointAnswers.WriteLabel(slice, index, _options.EndpointPodNames, label);

    /// <summary>The serial number of a zone: when its records changed last, in seconds of Unix time.</summary>
    public uint SerialOf(KubernetesZone zone) => (uint)(zone.IsMulticluster ? Store.ImportsChangedAt : Store.ChangedAt);

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        NameServers.LocalAddresses = FindLocalAddresses();
        LiveCluster live = _live!;
        _isStarted = true;
        Task known = live.WhenSynchronised;
        _services.Metrics.Gauge("minidns_kubernetes_synchronised", "1 when the cluster is known as it is; 0 before, while a snapshot or nothing is served.",
            () => known.IsCompletedSuccessfully ? 1 : 0, ("zone", _options.PrimaryZone.ToString()));
        DateTimeOffset? taken = live.Acquire();
        string zone = _options.PrimaryZone.ToString();
        if (taken is { } time && Store.IsStale)
        {
            // what was known is served at once: nobody has to wait
            KubernetesLog.Stale(_logger, zone, _options.SnapshotPath!, _services.Time.GetUtcNow() - time);
        }
        else if (!Store.IsSynchronised && _options.StartupTimeout > TimeSpan.Zero)
        {
            KubernetesLog.Waiting(_logger, zone);
            try
            {
                await live.WhenSynchronised.WaitAsync(_options.StartupTimeout, _services.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                KubernetesLog.NotSynchronised(_logger, zone, _options.StartupTimeout.TotalSeconds);
            }
        }

        _ = TellAsync(live, zone);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isStarted)
        {
            _isStarted = false;
            await _live!.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task TellAsync(LiveCluster live, string zone)
    {
        await live.WhenSynchronised.ConfigureAwait(false);
        live.Settle();
        KubernetesLog.Synchronised(_logger, zone, Store.CountOf(ClusterResource.Service), Store.CountOf(ClusterResource.EndpointSlice), Store.CountOf(ClusterResource.Namespace));
    }

    /// <summary>The addresses that this server can be reached at: those it is bound to, else all of the machine's; never loopback.</summary>
    private List<ClusterAddress> FindLocalAddresses()
    {
        IEnumerable<IPAddress> addresses = _endpoint.BindAddresses.Select(b => b.Address).Where(a => !a.Equals(IPAddress.Any) && !a.Equals(IPAddress.IPv6Any));
        if (!addresses.Any())
        {
            try
            {
                addresses = NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address);
            }
            catch (Exception exception) when (exception is NetworkInformationException or PlatformNotSupportedException or IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }

        return [.. addresses.Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal && a.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            .Select(ClusterAddress.From).Distinct()];
    }
}
