using System.Net;
using System.Net.Sockets;
using MiniDns.Configuration;

namespace MiniDns.Plugins;

/// <summary>Reads where an HTTP page beside DNS is served: <c>:8080</c>, <c>localhost:8080</c>, <c>[::1]:8080</c>.</summary>
public static class HttpSideAddress
{
    /// <summary>Reads the next argument, and notes an error when it is no such address.</summary>
    /// <param name="reader">The directive.</param>
    /// <param name="fallback">What to give after an error.</param>
    /// <returns>The address; an unspecified IPv6 address stands for every address of both families.</returns>
    /// <remarks>A host that is neither an address nor <c>localhost</c> is looked up with the system's resolver.</remarks>
    public static IPEndPoint Read(DirectiveReader reader, IPEndPoint fallback)
    {
        if (!reader.TryListenAddress(out string? host, out int port))
        {
            return fallback;
        }

        if (Resolve(host) is { } address)
        {
            return new IPEndPoint(address, port);
        }

        reader.Error($"the host '{host}' has no address that is known here; write an address of this machine, or nothing before the ':' for all of them");
        return fallback;
    }

    /// <summary>Every address of both families, at a port.</summary>
    public static IPEndPoint Everywhere(int port) => new(IPAddress.IPv6Any, port);

    private static IPAddress? Resolve(string host)
    {
        if (host.Length == 0)
        {
            return IPAddress.IPv6Any;
        }

        if (AddressText.TryParseAddress(host, out IPAddress? address))
        {
            return address;
        }

        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return IPAddress.Loopback;
        }

        try
        {
            IPAddress[] found = Dns.GetHostAddresses(host);
            return found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault();
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return null;
        }
    }
}
