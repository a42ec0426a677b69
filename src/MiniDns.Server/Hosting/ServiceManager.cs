using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MiniDns.Server.Hosting;

/// <summary>Tells systemd how the service is doing (sd_notify(3)). Says nothing where nobody listens.</summary>
internal sealed class ServiceManager : IDisposable
{
    private readonly Socket? _socket;

    private ServiceManager(Socket? socket, TimeSpan? watchdog)
    {
        _socket = socket;
        Watchdog = watchdog;
    }

    /// <summary>Nobody to tell.</summary>
    public static ServiceManager None { get; } = new(null, null);

    /// <summary>How often the service manager wants to hear that we are well; null when it does not watch.</summary>
    public TimeSpan? Watchdog { get; }

    /// <summary>Connects to the socket that the environment names. The processes that we start do not see it.</summary>
    public static ServiceManager FromEnvironment()
    {
        string? path = Take("NOTIFY_SOCKET");
        string? period = Take("WATCHDOG_USEC");
        string? process = Take("WATCHDOG_PID");
        if (string.IsNullOrEmpty(path) || path[0] is not ('/' or '@'))
        {
            return None;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            // An abstract name is written with '@' for its first octet, which is zero.
            socket.Connect(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (SocketException)
        {
            socket.Dispose();
            return None;
        }

        bool isMeant = process is null || (int.TryParse(process, CultureInfo.InvariantCulture, out int id) && id == Environment.ProcessId);
        bool isWatched = long.TryParse(period, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0 && isMeant;
        return new ServiceManager(socket, isWatched ? TimeSpan.FromMicroseconds(microseconds) : null);
    }

    /// <summary>The service answers queries.</summary>
    /// <param name="status">A line for <c>systemctl status</c>.</param>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The service reads its configuration anew; <see cref="Ready"/> says when it is done.</summary>
    /// <param name="time">The clock; systemd compares it with its own monotonic one.</param>
    public void Reloading(TimeProvider time) =>
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={time.GetTimestamp() / (time.TimestampFrequency / 1_000_000)}\nSTATUS=reading the configuration"));

    /// <summary>The service stops.</summary>
    public void Stopping() => Send("STOPPING=1\nSTATUS=answering what is in flight");

    /// <summary>The service is well.</summary>
    public void Alive() => Send("WATCHDOG=1");

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private static string? Take(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        return value;
    }

    private void Send(string message)
    {
        try
        {
            _socket?.Send(Encoding.UTF8.GetBytes(message));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A service manager that does not listen is no reason to stop serving.
        }
    }
}
