using System.Net;
using Microsoft.Extensions.Logging;
using MiniDns.Client;

namespace MiniDns.Plugins.Forward;

/// <summary>Gives a handler its upstreams when the server starts, and takes them away when it stops. Sends nothing by itself, unless an
/// upstream is named by a host name, which is then looked up.</summary>
internal sealed class ForwardComponent(ForwardOptions options, DnsServices services, SharedLoops sharedLoops, ILogger logger) : IServerComponent
{
    private UpstreamLoops? _loops;

    /// <summary>Whose upstreams these are.</summary>
    public ForwardHandler Handler { get; set; } = null!;

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        List<ForwardTarget> found = [];
        foreach (ForwardTarget target in options.Targets)
        {
            IReadOnlyList<IPAddress> addresses = target.Address is { } address
                ? [address]
                : await HostLookup.FindAsync(target.Host!, options.Resolvers, cancellationToken);
            found.AddRange(addresses.Select(a => target with { Address = a, Host = null }));
        }

        _loops = sharedLoops.Acquire(services.Time, logger.Fault);
        Handler.Upstreams = [.. found.Distinct().Take(byte.MaxValue).Select(t => Make(t, _loops))];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_loops is null)
        {
            return;
        }

        foreach (ForwardUpstream upstream in Handler.Upstreams)
        {
            await upstream.DisposeAsync();
        }

        _loops = null;
        sharedLoops.Release(services.Time);
    }

    private ForwardUpstream Make(ForwardTarget target, UpstreamLoops loops)
    {
        var address = new IPEndPoint(target.Address!, target.Port);
        var meter = new ForwardMeter(services.Metrics, address.ToString(), target.Scheme, services.Time, logger);
        var upstream = new Upstream(
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
        return new ForwardUpstream(upstream, meter, options, services.Time, logger);
    }
}
