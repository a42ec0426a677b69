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

    /// <summary>Opens UDP sockets on one address.</summary>
    /// <exception cref="SocketException">The address is in use, not there or not permitted.</exception>
    public static Socket[] OpenUdp(IPEndPoint address, int count)
    {
        Socket[] sockets = new Socket[count];
        try
        {
            // With SO_REUSEPORT a second server of the same user would silently share our port: without it, the first
            // bind tells whether the port is free.
            using (Socket probe = CreateUdp(address, share: false))
            {
                probe.Bind(address);
                address = (IPEndPoint)probe.LocalEndPoint!;
            }

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

    /// <summary>Opens a listening TCP socket; the caller calls <see cref="Socket.Listen()"/> or has Kestrel do it.</summary>
    /// <exception cref="SocketException">The address is in use, not there or not permitted.</exception>
    public static Socket OpenTcp(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
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
