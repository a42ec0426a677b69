using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Hosts;

/// <summary>One address of one name.</summary>
/// <param name="Address">The address; its port is 0.</param>
/// <param name="Name">The name, in lower case; its first label may be an asterisk.</param>
internal readonly record struct HostsEntry(ClientAddress Address, DnsName Name);
