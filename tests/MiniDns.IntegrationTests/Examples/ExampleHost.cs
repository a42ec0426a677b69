using MiniDns.IntegrationTests.Support;
using MiniDns.Testing;

namespace MiniDns.IntegrationTests.Examples;

/// <summary>A host on which every example can start: all ports free, every address its own, nobody else on the network.</summary>
/// <remarks>Files that examples name are in Fixtures, which becomes the working directory. An interface is called eth0.</remarks>
public sealed class ExampleHost : IAsyncLifetime
{
    private NetworkNamespace? _network;

    internal NetworkNamespace Network => _network ?? throw new InvalidOperationException("not started");

    internal TestDirectory Directory { get; } = new();

    public async Task InitializeAsync()
    {
        _network = await NetworkNamespace.CreateAsync("examples");
        await _network.IpAsync("link add eth0 type veth peer name eth0-peer");
        await _network.IpAsync("link set eth0 up");
        await _network.AddAddressAsync("192.0.2.10/24", "eth0");
        await _network.AddAddressAsync("2001:db8::10/64", "eth0");
        await _network.SetKernelParameterAsync("net/ipv4/ip_nonlocal_bind", "1");
        await _network.SetKernelParameterAsync("net/ipv6/ip_nonlocal_bind", "1");
        _network.WriteEtc("resolv.conf", "nameserver 192.0.2.53\n");
        await File.WriteAllBytesAsync(Directory["GeoLite2-City.mmdb"], GeoFiles.City());
        await File.WriteAllBytesAsync(Directory["GeoLite2-ASN.mmdb"], GeoFiles.Asn());
        using (var authority = new TestAuthority())
        {
            authority.IssueTo(Directory["cert.pem"], Directory["key.pem"], ["dns.example.org", "127.0.0.1"]);
            Directory.Write("ca.pem", authority.Pem);
        }

        Directory.CopyFrom(Repository.PathOf("tests", "MiniDns.IntegrationTests", "Examples", "Fixtures"));
    }

    public async Task DisposeAsync()
    {
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }

        Directory.Dispose();
    }
}
