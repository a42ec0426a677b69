using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>Sockets that the service manager opened for us (systemd's socket activation: <c>LISTEN_FDS</c>, sd_listen_fds(3)).</summary>
/// <remarks>An address of the configuration is served with them when a UDP and a TCP socket are bound to exactly that address; for TLS and HTTPS
/// a TCP socket is enough. A wildcard address of the configuration means <c>[::]</c>.</remarks>
internal sealed class InheritedSockets
{
    private const int FirstHandle = 3;

    private readonly List<Socket> _sockets;

    private InheritedSockets(List<Socket> sockets) => _sockets = sockets;

    /// <summary>No sockets.</summary>
    public static InheritedSockets None { get; } = new([]);

    /// <summary>The addresses of the sockets that nobody took, for a warning.</summary>
    public IReadOnlyList<string> Left => [.. _sockets.Select(s => $"{(s.SocketType == SocketType.Dgram ? "udp" : "tcp")} {s.LocalEndPoint}")];

    /// <summary>Takes the sockets that the environment tells of, if they are meant for this process; the processes that it starts do not see
    /// them.</summary>
    public static InheritedSockets FromEnvironment()
    {
        string? process = Environment.GetEnvironmentVariable("LISTEN_PID");
        string? count = Environment.GetEnvironmentVariable("LISTEN_FDS");
        Environment.SetEnvironmentVariable("LISTEN_PID", null);
        Environment.SetEnvironmentVariable("LISTEN_FDS", null);
        Environment.SetEnvironmentVariable("LISTEN_FDNAMES", null);
        if (!int.TryParse(process, CultureInfo.InvariantCulture, out int id) || id != Environment.ProcessId
            || !int.TryParse(count, CultureInfo.InvariantCulture, out int handles))
        {
            return None;
        }

        List<Socket> sockets = [];
        for (int i = 0; i < handles; i++)
        {
            try
            {
                var socket = new Socket(new SafeSocketHandle(FirstHandle + i, ownsHandle: true));
                if (socket.LocalEndPoint is IPEndPoint)
                {
                    sockets.Add(socket);
                }
            }
            catch (Exception e) when (e is SocketException or ArgumentException)
            {
                // Something else than a socket of the internet: a pipe, a Unix socket. Not ours.
            }
        }

        return new InheritedSockets(sockets);
    }

    /// <summary>Takes the sockets of an address out of the collection.</summary>
    /// <param name="address">The address.</param>
    /// <param name="withDatagrams">Whether UDP is served there; its sockets are left otherwise.</param>
    /// <param name="datagrams">The UDP sockets there.</param>
    /// <param name="stream">The TCP socket there.</param>
    /// <returns>False when there is not at least one of each that is wanted.</returns>
    public bool TryTake(IPEndPoint address, bool withDatagrams, out Socket[] datagrams, out Socket stream)
    {
        Socket[] here = [.. _sockets.Where(s => s.LocalEndPoint!.Equals(address))];
        datagrams = withDatagrams ? [.. here.Where(s => s.SocketType == SocketType.Dgram)] : [];
        stream = here.FirstOrDefault(s => s.SocketType == SocketType.Stream)!;
        if ((withDatagrams && datagrams.Length == 0) || stream is null)
        {
            return false;
        }

        Array.ForEach(datagrams, BoundSockets.Adopt);

        // The runtime has the last process's sockets closed with a reset, which connections would inherit from this one.
        stream.LingerState = new LingerOption(enable: false, seconds: 0);
        foreach (Socket socket in datagrams)
        {
            _sockets.Remove(socket);
        }

        _sockets.Remove(stream);
        return true;
    }
}
