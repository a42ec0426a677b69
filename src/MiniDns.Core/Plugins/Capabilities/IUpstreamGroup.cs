using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Capabilities;

/// <summary>Something that sends the queries below some zones on to other servers (<c>forward</c>), which others may look into.</summary>
public interface IUpstreamGroup
{
    /// <summary>The zones whose queries are sent on, in lower case.</summary>
    IReadOnlyList<DnsName> Zones { get; }

    /// <summary>The servers of now; none before the start.</summary>
    IReadOnlyList<IUpstreamLink> Upstreams { get; }

    /// <summary>When one of the servers answered again after none had, as a timestamp of the server's clock; <see cref="long.MinValue"/> when that has not
    /// happened. What failed before may be asked again at once.</summary>
    long RecoveredAt { get; }

    /// <summary>Raised after <see cref="Upstreams"/> has changed, on any thread; handlers are brief.</summary>
    event Action? Changed;
}
