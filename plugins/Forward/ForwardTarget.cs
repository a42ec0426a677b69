using System.Net;
using MiniDns.Client;

namespace MiniDns.Plugins.Forward;

/// <summary>Where queries go: an address, or a host whose addresses are looked up when the server starts.</summary>
/// <param name="Address">The address; null for a host.</param>
/// <param name="Host">The host's name; null for an address.</param>
/// <param name="Port">The port.</param>
/// <param name="Scheme">How it is talked to.</param>
/// <param name="ServerName">The name that its certificate has to be for; null when the target does not say.</param>
internal sealed record ForwardTarget(IPAddress? Address, string? Host, int Port, UpstreamScheme Scheme = UpstreamScheme.Dns, string? ServerName = null);
