using System.Net;
using MiniDns.Client;

namespace MiniDns.Plugins.Forward;

/// <summary>Where queries go: an address, a host whose addresses are looked up, or a file that names addresses.</summary>
/// <param name="Address">The address; null for a host or a file.</param>
/// <param name="Host">The host's name; null for an address or a file.</param>
/// <param name="Port">The port.</param>
/// <param name="Scheme">How it is talked to.</param>
/// <param name="ServerName">The name that its certificate has to be for; null when the target does not say.</param>
internal sealed record ForwardTarget(IPAddress? Address, string? Host, int Port, UpstreamScheme Scheme = UpstreamScheme.Dns, string? ServerName = null)
{
    /// <summary>The path of a file in the form of resolv.conf(5); null for an address or a host.</summary>
    public string? File { get; init; }
}
