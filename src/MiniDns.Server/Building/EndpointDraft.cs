using System.Globalization;
using System.Net;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Building;

/// <summary>An address while blocks are still being assigned to it.</summary>
/// <param name="address">Where to listen.</param>
/// <param name="port">The port.</param>
/// <param name="isBound">True when a block asks for this address (<c>bind</c>), false for every address of the machine.</param>
/// <param name="use">Counts the queries under way in the plan's chains.</param>
/// <param name="index">The address's number in the plan.</param>
/// <param name="span">Where the Corefile asks for it.</param>
internal sealed class EndpointDraft(IPAddress address, int port, bool isBound, PlanUse use, int index, SourceSpan span)
{
    private readonly List<KeyValuePair<DnsName, BlockBuilder>> _zones = [];
    private readonly Dictionary<DnsName, SourceSpan> _owners = [];
    private EndpointSettings _settings = EndpointSettings.Default;
    private RoutingTable? _routes;
    private int? _sockets;

    /// <summary>What metrics call the address.</summary>
    public ServerEndpoint Endpoint { get; } = new(isBound ? $"dns://{new IPEndPoint(address, port)}" : string.Create(CultureInfo.InvariantCulture, $"dns://:{port}"), index);

    /// <summary>The routes; complete once every block has been built.</summary>
    public RoutingTable Routes => _routes ??= new RoutingTable(_zones.Select(z => new KeyValuePair<DnsName, ServerBlock>(z.Key, z.Value.Built)), use, Endpoint);

    /// <summary>Takes a block's wishes about the address. As in CoreDNS, the first block that has one decides about the number
    /// of sockets, the last one about the rest.</summary>
    public void Take(EndpointOptions options) => _settings = _settings with
    {
        Sockets = (_sockets ??= options.Sockets) ?? _settings.Sockets,
        ReadTimeout = options.ReadTimeout ?? _settings.ReadTimeout,
        WriteTimeout = options.WriteTimeout ?? _settings.WriteTimeout,
        IdleTimeout = options.IdleTimeout ?? _settings.IdleTimeout,
        MaxWaitingQueries = options.MaxWaitingQueries ?? _settings.MaxWaitingQueries,
        ClientSharePercent = options.ClientSharePercent ?? _settings.ClientSharePercent,
        FailsWhenOverloaded = options.FailsWhenOverloaded ?? _settings.FailsWhenOverloaded,
        MaxQueries = options.MaxStreamQueries ?? _settings.MaxQueries,
        ShedLabel = options.CountsShed ? Endpoint.Label : _settings.ShedLabel,
        ProxyProtocol = options.ProxyProtocol ?? _settings.ProxyProtocol,
    };

    /// <summary>Adds a key's zones; a zone may stand twice only when views tell the blocks apart.</summary>
    public void Add(ServerKey key, BlockBuilder block, ConfigDiagnostics diagnostics)
    {
        foreach (DnsName zone in key.Zones)
        {
            if (!block.HasFilters && !_owners.TryAdd(zone, key.Token.Span))
            {
                diagnostics.Error(key.Token.Span, $"cannot serve {key.Format(zone)}{(isBound ? " on " + address : "")}: it is already defined at {_owners[zone]}");
                continue;
            }

            _zones.Add(new(zone, block));
        }
    }

    /// <summary>The finished plan of the address.</summary>
    public EndpointPlan Build() => new(
        new IPEndPoint(address, port),
        !isBound,
        Routes,
        [.. _zones.Select(z => z.Key.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        _settings,
        span);
}
