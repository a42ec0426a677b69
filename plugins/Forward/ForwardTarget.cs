using System.Net;

namespace MiniDns.Plugins.Forward;

/// <summary>Where queries go: an address, or a host whose addresses are looked up when the server starts.</summary>
/// <param name="Address">The address; null for a host.</param>
/// <param name="Host">The host's name; null for an address.</param>
/// <param name="Port">The port.</param>
internal sealed record ForwardTarget(IPAddress? Address, string? Host, int Port);
