using System.Net;
using MiniDns.Configuration;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Building;

/// <summary>One address to be served, with everything that is served there.</summary>
/// <param name="Scheme">What is spoken there: <c>dns</c> over UDP and TCP, <c>tls</c>, <c>https</c>.</param>
/// <param name="Address">Where to listen.</param>
/// <param name="IsWildcard">True when no address was asked for (<c>bind</c>): every address of the machine.</param>
/// <param name="Routes">Which block takes which query.</param>
/// <param name="Zones">The zones, for the banner.</param>
/// <param name="Settings">Limits and timeouts.</param>
/// <param name="Span">Where the Corefile asks for it.</param>
internal sealed record EndpointPlan(
    ServerScheme Scheme,
    IPEndPoint Address,
    bool IsWildcard,
    RoutingTable Routes,
    IReadOnlyList<string> Zones,
    EndpointSettings Settings,
    SourceSpan Span);
