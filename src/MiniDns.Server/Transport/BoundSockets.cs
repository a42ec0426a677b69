using System.Net;
using System.Net.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>Opens the sockets of an address: one for TCP and several for UDP that share the port.</summary>
internal static class BoundSockets
{
    private const int SocketLevel = 1;
    private const int ReusePort = 15;
    private const int LevelIPv4 = 0;
    private const int PacketInfoIPv4 = 8;
    private const int MtuDiscoverIPv4 = 10;
    private const int MtuDiscoverOmit = 5;
    private const int LevelIPv6 = 41;
    private const int PacketInfoIPv6 = 49;
    private const int ReceiveBufferOctets = 4 * 1024 * 1024;

    /// <summary>Checks that an address is free for UDP and TCP.</summary>
    /// <remarks>With SO_REUSEPORT a second server of the same user would silently share our port; a bind without it tells.</remarks>
    /// <returns>The address, with a free port in the place of 0.</returns>
    /// <exception cref="SocketException">The address is in use, not there or not permitted.</exception>
    public static IPEndPoint Probe(IPEndPoint address)
    {
        const int Attempts = 16;
        for (int attempt = 1; ; attempt++)
        {
            using Socket udp = CreateUdp(address, share: false);
            udp.Bind(address);
            var found = (IPEndPoint)udp.LocalEndPoint!;
            try
            {
                OpenTcp(found, share: false).Dispose();
                return found;
            }
            catch (SocketException) when (address.Port == 0 && attempt < Attempts)
            {
                // The port that the system chose for UDP is taken for TCP: let it choose another.
            }
        }
    }

    /// <summary>Opens UDP sockets on one address, which share its port among themselves.</summary>
    /// <exception cref="SocketException">The address is in use, not there or not permitted.</exception>
    public static Socket[] OpenUdp(IPEndPoint address, int count)
    {
        Socket[] sockets = new Socket[count];
        try
        {
            for (int i = 0; i < count; i++)
            {
                sockets[i] = CreateUdp(address, share: true);
                sockets[i].Bind(address);
            }

            return sockets;
        }
        catch
        {
            foreach (Socket? socket in sockets)
            {
                socket?.Dispose();
            }

            throw;
        }
    }

    /// <summary>Binds a TCP socket for Kestrel to listen on.</summary>
    /// <exception cref="SocketException">The address is in use, not there or not permitted.</exception>
    public static Socket OpenTcp(IPEndPoint address, bool share)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            if (share && OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(SocketLevel, ReusePort, [1, 0, 0, 0]);
            }

            socket.Bind(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket CreateUdp(IPEndPoint address, bool share)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        bool wildcard = address.Address.Equals(IPAddress.IPv6Any) || address.Address.Equals(IPAddress.Any);
        if (address.Address.Equals(IPAddress.IPv6Any))
        {
            socket.DualMode = true;
        }

        if (OperatingSystem.IsLinux())
        {
            Span<byte> one = [1, 0, 0, 0];
            if (share)
            {
                socket.SetRawSocketOption(SocketLevel, ReusePort, one);
            }

            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                if (wildcard)
                {
                    socket.SetRawSocketOption(LevelIPv6, PacketInfoIPv6, one);
                }
            }
            else
            {
                if (wildcard)
                {
                    socket.SetRawSocketOption(LevelIPv4, PacketInfoIPv4, one);
                }

                // Path MTU discovery must not be poisoned from outside into fragmenting our replies.
                Span<byte> omit = [MtuDiscoverOmit, 0, 0, 0];
                socket.SetRawSocketOption(LevelIPv4, MtuDiscoverIPv4, omit);
            }
        }

        socket.ReceiveBufferSize = ReceiveBufferOctets;
        socket.SendBufferSize = ReceiveBufferOctets;
        return socket;
    }
}
