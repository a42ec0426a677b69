using System.Net;
using System.Net.Sockets;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Tests.Support;

/// <summary>Looks whether anybody has an address.</summary>
internal static class FreeAddress
{
    /// <summary>Binds it for a moment.</summary>
    /// <exception cref="SocketException">Somebody has it.</exception>
    public static void Check(IPEndPoint address)
    {
        (Socket[] udp, Socket tcp) = BoundSockets.Open(address, udpSockets: 1);
        udp[0].Dispose();
        tcp.Dispose();
    }
}
