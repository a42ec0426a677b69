using System.Net;
using Microsoft.Extensions.Logging;
using MiniDns.Client;
using MiniDns.Configuration;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Forward;

/// <summary>Gives a handler its upstreams when the server starts, keeps them up to date with files and host names, and takes them away when
/// the server stops. Sends nothing to upstreams by itself.</summary>
internal sealed class ForwardComponent(ForwardOptions options, SourceSpan span, DnsServices services, SharedLoops sharedLoops, UpstreamMemory memory, ILogger logger) : IServerComponent, IUpstreamGroup
{
    private readonly Lock _lock = new();
    private readonly List<Func<IReadOnlyList<ForwardTarget>>> _sources = [];
    private readonly List<ServerFile> _files = [];
    private readonly List<ServerHost> _hosts = [];
    private readonly List<Task> _leaving = [];
    private Dictionary<ForwardTarget, ForwardUpstream> _upstreams = [];
    private UpstreamLoops? _loops;
    private long _recoveredAt = long.MinValue;
    private bool _isStopping;

    /// <summary>Whose upstreams these are.</summary>
    public ForwardHandler Handler { get; set; } = null!;

    /// <inheritdoc/>
    public IReadOnlyList<DnsName> Zones => options.From;

    /// <inheritdoc/>
    public IReadOnlyList<IUpstreamLink> Upstreams => Handler.Upstreams;

    /// <inheritdoc/>
    public long RecoveredAt => Volatile.Read(ref _recoveredAt);

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        (UpstreamLoops loops, ForwardPacer pacer) = sharedLoops.Acquire(services.Time, logger.Fault);
        _loops = loops;
        Handler.Pacer = pacer;
        pacer.Add(Handler.Budget);
        foreach (ForwardTarget target in options.Targets)
        {
            _sources.Add(SourceOf(target));
        }

        Update();
        foreach (ServerHost host in _hosts)
        {
            // Where there are other upstreams the start does not wait for a name.
            host.Run(Handler.Upstreams.Length == 0 ? await host.LookAsync(cancellationToken) : TimeSpan.Zero);
        }

        if (Handler.Upstreams.Length == 0)
        {
            throw new InvalidOperationException($"{span}: forward: failed to resolve '{options.Targets.FirstOrDefault(t => t.Host is not null)?.Host}': {_hosts.Find(h => h.Problem is not null)?.Problem}");
        }

        memory.Settle();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_loops is null)
        {
            return;
        }

        foreach (ServerFile file in _files)
        {
            file.Dispose();
        }

        foreach (ServerHost host in _hosts)
        {
            await host.DisposeAsync();
        }

        lock (_lock)
        {
            _isStopping = true;
        }

        Handler.Pacer?.Remove(Handler);
        Handler.Pacer = null;
        await Task.WhenAll(_leaving);
        foreach (ForwardUpstream upstream in Handler.Upstreams)
        {
            await upstream.DisposeAsync();
        }

        _loops = null;
        sharedLoops.Release(services.Time);
    }

    private Func<IReadOnlyList<ForwardTarget>> SourceOf(ForwardTarget target)
    {
        if (target.File is { } path)
        {
            var file = new ServerFile(path, services.Time, logger, Update);
            _files.Add(file);
            return () => file.Servers;
        }

        if (target.Host is not null)
        {
            bool isAsked = options.Resolvers.Count > 0;
            var host = new ServerHost(target, isAsked ? () => options.Resolvers : PlainUpstreams, !isAsked, services.Time, logger, Update);
            _hosts.Add(host);
            return () => host.Servers;
        }

        ForwardTarget[] only = [target];
        return () => only;
    }

    /// <summary>The upstreams that can be asked for the addresses of others: those that have addresses, over plain DNS.</summary>
    private List<IPEndPoint> PlainUpstreams()
    {
        List<IPEndPoint> plain = [];
        foreach (ForwardTarget target in options.Targets.Where(t => t.Scheme == UpstreamScheme.Dns && t.Address is not null))
        {
            plain.Add(new IPEndPoint(target.Address!, target.Port));
        }

        foreach (ServerFile file in _files)
        {
            plain.AddRange(file.Servers.Select(s => new IPEndPoint(s.Address!, s.Port)));
        }

        return plain;
    }

    /// <summary>Makes the handler's upstreams those that the sources name now; who stays keeps sockets and state.</summary>
    private void Update()
    {
        lock (_lock)
        {
            if (_isStopping || _loops is not { } loops)
            {
                return;
            }

            // The first mention counts. A query keeps the order of its upstreams in octets.
            ForwardTarget[] targets = [.. _sources.SelectMany(s => s()).Distinct().Take(byte.MaxValue)];
            Dictionary<ForwardTarget, ForwardUpstream> next = [];
            foreach (ForwardTarget target in targets)
            {
                next.Add(target, _upstreams.TryGetValue(target, out ForwardUpstream? present) ? present : Make(target, loops));
            }

            Dictionary<ForwardTarget, ForwardUpstream> before = _upstreams;
            _upstreams = next;
            Handler.Upstreams = [.. targets.Select(t => next[t])];
            foreach ((ForwardTarget target, ForwardUpstream upstream) in before)
            {
                if (!next.ContainsKey(target))
                {
                    memory.Forget(target, upstream);
                    upstream.Withdraw();
                    _leaving.RemoveAll(t => t.IsCompleted);
                    _leaving.Add(upstream.DisposeAsync().AsTask());
                }
            }
        }

        Changed?.Invoke();
    }

    private ForwardUpstream Make(ForwardTarget target, UpstreamLoops loops)
    {
        var address = new IPEndPoint(target.Address!, target.Port);
        var meter = new ForwardMeter(services.Metrics, address.ToString(), target.Scheme, services.Time, logger);
        var client = new Upstream(
            new UpstreamOptions
            {
                Address = address,
                Scheme = target.Scheme,
                ServerName = target.ServerName ?? options.TlsServerName,
                Tls = options.Tls,
                HttpsGet = options.HttpsGet,
                RandomizeCase = options.RandomCase,
                Cookies = options.Cookies,
                SourceAddress = options.SourceAddress,
                ReadTimeout = options.ReadTimeout,
                Expire = options.Expire,
                MaxAge = options.MaxAge,
                MaxIdleConnections = options.MaxIdleConnections,
            },
            loops,
            meter,
            Handler.Random);
        ForwardUpstream? before = memory.Recall(target);
        var upstream = new ForwardUpstream(client, before?.State ?? new UpstreamState(services.Time), meter, options, services.Time, logger, NoteBack);
        if (before is { Health.Fails: > 0 })
        {
            upstream.Resume(before.Health.Fails);
        }

        meter.Publish(upstream);
        memory.Remember(target, upstream);
        return upstream;
    }

    /// <summary>When all the others are silent too, everything changes: what failed may be asked again, and what waits need not wait on.</summary>
    private void NoteBack(ForwardUpstream back)
    {
        foreach (ForwardUpstream other in Handler.Upstreams)
        {
            if (other != back && !other.IsOff && !ForwardOrder.IsUnwell(other))
            {
                return;
            }
        }

        Volatile.Write(ref _recoveredAt, services.Time.GetTimestamp());
        Handler.Pacer?.Hurry(Handler);
    }
}
