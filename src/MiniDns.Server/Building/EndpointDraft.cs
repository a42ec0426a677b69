using System.Net;
using System.Net.Sockets;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Building;

/// <summary>An address while blocks are still being assigned to it.</summary>
internal sealed class EndpointDraft(IPAddress? address, int port, SourceSpan span)
{
    private readonly List<KeyValuePair<DnsName, ServerBlock>> _zones = [];
    private readonly Dictionary<DnsName, SourceSpan> _owners = [];
    private EndpointSettings _settings = EndpointSettings.Default;
    private RoutingTable? _routes;
    private int? _sockets;

    /// <summary>The routes; complete once every block has been added.</summary>
    public RoutingTable Routes => _routes ??= new RoutingTable(_zones);

    /// <summary>Takes a block's wishes about the address. As in CoreDNS, the first block that has one decides about the number
    /// of sockets, the last one about the rest.</summary>
    public void Take(EndpointOptions options) => _settings = _settings with
    {
        Sockets = (_sockets ??= options.Sockets) ?? _settings.Sockets,
        ReadTimeout = options.ReadTimeout ?? _settings.ReadTimeout,
        WriteTimeout = options.WriteTimeout ?? _settings.WriteTimeout,
        IdleTimeout = options.IdleTimeout ?? _settings.IdleTimeout,
        MaxQueries = options.MaxStreamQueries ?? _settings.MaxQueries,
    };

    /// <summary>Adds a key's zones; a zone may stand twice only when views tell the blocks apart.</summary>
    public void Add(ServerKey key, ServerBlock block, ConfigDiagnostics diagnostics)
    {
        foreach (DnsName zone in key.Zones)
        {
            if (!block.HasFilters && !_owners.TryAdd(zone, key.Token.Span))
            {
                diagnostics.Error(key.Token.Span, $"cannot serve {key.Format(zone)}{(address is null ? "" : " on " + address)}: it is already defined at {_owners[zone]}");
                continue;
            }

            _zones.Add(new(zone, block));
        }
    }

    /// <summary>The finished plan of the address.</summary>
    public EndpointPlan Build()
    {
        IPAddress listen = address ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        return new EndpointPlan(
            new IPEndPoint(listen, port),
            address is null,
            Routes,
            [.. _zones.Select(z => z.Key.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            _settings,
            span);
    }
}
