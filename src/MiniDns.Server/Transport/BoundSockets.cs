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
    private const int MtuDiscoverIPv6 = 23;
    private const int FreeBindIPv4 = 15;
    private const int FreeBindIPv6 = 78;
    private const int BufferOctets = 4 * 1024 * 1024;

    /// <summary>Opens the sockets of one address: for UDP several that share its port among themselves.</summary>
    /// <param name="address">The address; port 0 stands for one that is free for UDP and TCP.</param>
    /// <param name="udpSockets">How many UDP sockets.</param>
    /// <param name="isShared">True when other sockets of ours may have the port; false when one that has it is somebody else's, an error.</param>
    /// <exception cref="SocketException">The address is in use, not there or not permitted.</exception>
    public static (Socket[] Udp, Socket Tcp) Open(IPEndPoint address, int udpSockets, bool isShared = false)
    {
        if (isShared && address.Port != 0)
        {
            IReadOnlyList<Socket> udp = OpenUdp(address, udpSockets);
            try
            {
                return ([.. udp], OpenTcp(address, isShared: true));
            }
            catch
            {
                Close(udp);
                throw;
            }
        }

        (Socket first, Socket tcp) = Claim(address);
        try
        {
            return ([first, .. OpenUdp((IPEndPoint)first.LocalEndPoint!, udpSockets - 1)], tcp);
        }
        catch
        {
            Close([first, tcp]);
            throw;
        }
    }

    /// <summary>Opens UDP sockets that share an address among themselves and with those that are there.</summary>
    /// <exception cref="SocketException">The address is in use, not there or not permitted.</exception>
    public static IReadOnlyList<Socket> OpenUdp(IPEndPoint address, int count)
    {
        List<Socket> sockets = [];
        try
        {
            while (sockets.Count < count)
            {
                Socket socket = CreateUdp(address);
                sockets.Add(socket);
                Share(socket);
                Bind(socket, address);
            }

            return sockets;
        }
        catch
        {
            Close(sockets);
            throw;
        }
    }

    /// <summary>True when the machine has an address now.</summary>
    public static bool IsPresent(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return false;
        }
    }

    /// <summary>Makes an inherited UDP socket like those that are opened here.</summary>
    public static void Adopt(Socket socket) => Configure(socket, (IPEndPoint)socket.LocalEndPoint!);

    /// <summary>Binds a TCP socket for Kestrel to listen on, so that further ones of ours can be bound to the same port.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isShared">As in <see cref="Open"/>.</param>
    /// <exception cref="SocketException">The address is in use, not there or not permitted.</exception>
    public static Socket OpenTcp(IPEndPoint address, bool isShared)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            if (isShared)
            {
                Share(socket);
            }

            Bind(socket, address);
            Share(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes an address that nobody else has. It is shared only once it is ours: sockets that are shared from the start are bound
    /// beside others of the same user.</summary>
    private static (Socket Udp, Socket Tcp) Claim(IPEndPoint address)
    {
        const int Attempts = 16;
        for (int attempt = 1; ; attempt++)
        {
            Socket udp = CreateUdp(address);
            try
            {
                Bind(udp, address);
                Socket tcp = OpenTcp((IPEndPoint)udp.LocalEndPoint!, isShared: false);
                Share(udp);
                return (udp, tcp);
            }
            catch (SocketException) when (address.Port == 0 && attempt < Attempts)
            {
                // The port that the system chose for UDP is taken for TCP: let it choose another.
                udp.Dispose();
            }
            catch
            {
                udp.Dispose();
                throw;
            }
        }
    }

    private static void Close(IEnumerable<Socket> sockets)
    {
        foreach (Socket socket in sockets)
        {
            socket.Dispose();
        }
    }

    /// <summary>Binds, even to an address that the machine does not have yet: an interface may come up later.</summary>
    private static void Bind(Socket socket, IPEndPoint address)
    {
        try
        {
            socket.Bind(address);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable && OperatingSystem.IsLinux())
        {
            bool isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
            socket.SetRawSocketOption(isIPv6 ? LevelIPv6 : LevelIPv4, isIPv6 ? FreeBindIPv6 : FreeBindIPv4, [1, 0, 0, 0]);
            socket.Bind(address);
        }
    }

    private static void Share(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(SocketLevel, ReusePort, [1, 0, 0, 0]);
        }
    }

    private static Socket CreateUdp(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Configure(socket, address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Configure(Socket socket, IPEndPoint address)
    {
        bool isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        bool wildcard = address.Address.Equals(IPAddress.IPv6Any) || address.Address.Equals(IPAddress.Any);
        if (isIPv6 && wildcard && !socket.IsBound)
        {
            socket.DualMode = true;
        }

        if (OperatingSystem.IsLinux())
        {
            if (wildcard)
            {
                // Ask for the address each datagram was sent to: the reply leaves from there.
                socket.SetRawSocketOption(isIPv6 ? LevelIPv6 : LevelIPv4, isIPv6 ? PacketInfoIPv6 : PacketInfoIPv4, [1, 0, 0, 0]);
            }

            // Path MTU discovery must not be poisoned from outside into fragmenting our replies. An IPv6 socket serves
            // IPv4 clients too, so it needs both.
            socket.SetRawSocketOption(LevelIPv4, MtuDiscoverIPv4, [MtuDiscoverOmit, 0, 0, 0]);
            if (isIPv6)
            {
                socket.SetRawSocketOption(LevelIPv6, MtuDiscoverIPv6, [MtuDiscoverOmit, 0, 0, 0]);
            }
        }

        socket.ReceiveBufferSize = BufferOctets;
        socket.SendBufferSize = BufferOctets;
    }
}
