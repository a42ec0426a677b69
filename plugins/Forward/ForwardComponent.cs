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
        List<IPEndPoint> addresses = [];
        foreach (ForwardTarget target in options.Targets)
        {
            IReadOnlyList<IPAddress> found = target.Address is { } address
                ? [address]
                : await HostLookup.FindAsync(target.Host!, options.Resolvers, cancellationToken);
            addresses.AddRange(found.Select(a => new IPEndPoint(a, target.Port)));
        }

        _loops = sharedLoops.Acquire(services.Time, logger.Fault);
        Handler.Upstreams = [.. addresses.Distinct().Take(byte.MaxValue).Select(a => Make(a, _loops))];
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

    private ForwardUpstream Make(IPEndPoint address, UpstreamLoops loops)
    {
        var meter = new ForwardMeter(services.Metrics, address.ToString());
        var upstream = new Upstream(
            new UpstreamOptions
            {
                Address = address,
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
