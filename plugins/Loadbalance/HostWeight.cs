using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>The weight of one address of a name.</summary>
/// <param name="Address">The address, its port 0.</param>
/// <param name="Weight">1 to 255.</param>
internal readonly record struct HostWeight(ClientAddress Address, byte Weight);
