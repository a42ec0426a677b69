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
/// <param name="scheme">What is spoken there.</param>
/// <param name="address">Where to listen.</param>
/// <param name="port">The port.</param>
/// <param name="isBound">True when a block asks for this address (<c>bind</c>), false for every address of the machine.</param>
/// <param name="use">Counts the queries under way in the plan's chains.</param>
/// <param name="index">The address's number in the plan.</param>
/// <param name="span">Where the Corefile asks for it.</param>
internal sealed class EndpointDraft(ServerScheme scheme, IPAddress address, int port, bool isBound, PlanUse use, int index, SourceSpan span)
{
    private readonly List<KeyValuePair<DnsName, BlockBuilder>> _zones = [];
    private readonly Dictionary<DnsName, SourceSpan> _owners = [];
    private readonly HashSet<SourceSpan> _disputes = [];
    private EndpointSettings _settings = scheme == ServerScheme.Https ? EndpointSettings.HttpsDefault : EndpointSettings.Default;
    private RoutingTable? _routes;
    private int? _sockets;

    /// <summary>What metrics call the address.</summary>
    public ServerEndpoint Endpoint { get; } = new(
        ServerKey.SchemeText(scheme) + (isBound ? $"://{new IPEndPoint(address, port)}" : string.Create(CultureInfo.InvariantCulture, $"://:{port}")), index);

    /// <summary>Where to listen.</summary>
    public IPEndPoint Place { get; } = new(address, port);

    /// <summary>Where the Corefile asks for it.</summary>
    public SourceSpan Span => span;

    /// <summary>The routes; complete once every block has been built.</summary>
    public RoutingTable Routes => _routes ??= new RoutingTable(_zones.Select(z => new KeyValuePair<DnsName, ServerBlock>(z.Key, z.Value.Built)), use, Endpoint);

    /// <summary>Takes a block's wishes about the address. As in CoreDNS, the first block that has one decides about the number
    /// of sockets, the last one about the rest.</summary>
    public void Take(EndpointOptions options, ConfigDiagnostics diagnostics)
    {
        if (scheme != ServerScheme.Dns && options.Tls is { } tls && _settings.Tls is { } first && !first.IsSameAs(tls) && _disputes.Add(tls.Span))
        {
            diagnostics.Error(tls.Span, $"tls: blocks that share an address have one certificate, and that of {Endpoint.Label} is given at {first.Span}; give this block the same 'tls', or another address or port");
        }

        _settings = Merge(options);
    }

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

    /// <summary>Notes an address that is to be encrypted, and nothing says with what.</summary>
    /// <param name="blocks">The blocks that are served there.</param>
    /// <param name="diagnostics">Takes the error.</param>
    public void RequireCertificate(IEnumerable<BlockBuilder> blocks, ConfigDiagnostics diagnostics)
    {
        // A 'tls' that could not be read has said what is wrong with it.
        if (scheme != ServerScheme.Dns && _settings.Tls is null && !blocks.Any(b => b.Endpoint.IsTlsOff || b.Node.Directives.Any(d => d.Name.Text == "tls")))
        {
            diagnostics.Error(span, $"{Endpoint.Label} has no certificate; add 'tls CERT KEY' to the block, or 'tls off' when a proxy in front of the server ends TLS");
        }
    }

    /// <summary>The finished plan of the address.</summary>
    public EndpointPlan Build() => new(
        scheme,
        Place,
        !isBound,
        Routes,
        [.. _zones.Select(z => z.Key.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        _settings,
        span);

    private EndpointSettings Merge(EndpointOptions options) => _settings with
    {
        Tls = scheme == ServerScheme.Dns ? null : _settings.Tls ?? options.Tls,
        MaxConnections = scheme == ServerScheme.Https && options.MaxHttpsConnections is { } most ? (most == 0 ? int.MaxValue : most) : _settings.MaxConnections,
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
}
