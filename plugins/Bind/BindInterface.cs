using System.Net;
using System.Net.NetworkInformation;

namespace MiniDns.Plugins.Bind;

/// <summary>A network interface and its addresses.</summary>
/// <param name="Name">The name, <c>eth0</c>.</param>
/// <param name="Addresses">The addresses; link-local ones with their scope.</param>
internal sealed record BindInterface(string Name, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>The interfaces of this machine as they are now; none when the system does not tell.</summary>
    public static IReadOnlyList<BindInterface> ReadAll()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().Select(Read)];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    private static BindInterface Read(NetworkInterface @interface)
    {
        IPInterfaceProperties properties = @interface.GetIPProperties();
        return new BindInterface(@interface.Name, [.. properties.UnicastAddresses.Select(a => WithScope(a.Address, properties))]);
    }

    private static IPAddress WithScope(IPAddress address, IPInterfaceProperties properties) =>
        address.IsIPv6LinkLocal && address.ScopeId == 0
            ? new IPAddress(address.GetAddressBytes(), properties.GetIPv6Properties().Index)
            : address;
}
