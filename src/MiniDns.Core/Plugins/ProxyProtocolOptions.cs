using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>From whom PROXY protocol headers are taken, which tell the client's address in front of what it sends (<c>proxyproto</c>).</summary>
public sealed class ProxyProtocolOptions
{
    /// <summary>How many UDP sessions are remembered when the configuration does not say.</summary>
    public const int DefaultSessions = 10_240;

    private readonly ClientNetwork[] _allowed;
    private readonly ProxyHeaderPolicy? _others;

    /// <summary>Makes the options.</summary>
    /// <param name="allowed">Whose headers are used; everybody's when empty.</param>
    /// <param name="others">What happens to the headers of others; null for the default: with nobody allowed by name they are used, else ignored.</param>
    public ProxyProtocolOptions(IReadOnlyCollection<ClientNetwork> allowed, ProxyHeaderPolicy? others)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        _allowed = [.. allowed];
        _others = others;
    }

    /// <summary>How long a UDP sender's last header counts for its datagrams without one; zero for not at all.</summary>
    public TimeSpan SessionTime { get; init; }

    /// <summary>How many UDP senders' headers are remembered at least.</summary>
    public int MaxSessions { get; init; } = DefaultSessions;

    /// <summary>What happens to the headers of a sender.</summary>
    public ProxyHeaderPolicy PolicyFor(in ClientAddress sender) =>
        _allowed.Length == 0 ? _others ?? ProxyHeaderPolicy.Use
        : ClientNetwork.AnyContains(_allowed, sender) ? ProxyHeaderPolicy.Use
        : _others ?? ProxyHeaderPolicy.Ignore;
}
