using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>Waits for sockets (poll).</summary>
public static unsafe class SocketWait
{
    /// <summary>Waits until one of the sockets can be read or the event is set.</summary>
    /// <param name="sockets">The sockets; they must stay open meanwhile.</param>
    /// <param name="ready">For each socket, whether it can be read or has an error.</param>
    /// <param name="wake">Ends the wait.</param>
    /// <param name="milliseconds">The longest wait; -1 for no limit.</param>
    /// <returns>True when the event was set.</returns>
    public static bool ForReading(ReadOnlySpan<SafeHandle> sockets, Span<bool> ready, WakeEvent wake, int milliseconds)
    {
        const int Few = 32;
        int count = sockets.Length + 1;
        LinuxSocket.PollEntry[]? rented = count > Few ? System.Buffers.ArrayPool<LinuxSocket.PollEntry>.Shared.Rent(count) : null;
        Span<LinuxSocket.PollEntry> entries = rented ?? stackalloc LinuxSocket.PollEntry[Few];
        for (int i = 0; i < sockets.Length; i++)
        {
            entries[i] = new LinuxSocket.PollEntry { File = (int)sockets[i].DangerousGetHandle(), Events = LinuxSocket.PollIn };
        }

        entries[sockets.Length] = new LinuxSocket.PollEntry { File = (int)wake.Handle.DangerousGetHandle(), Events = LinuxSocket.PollIn };
        fixed (LinuxSocket.PollEntry* first = entries)
        {
            // An interrupted wait is a wait that found nothing; the caller comes back.
            int found = LinuxSocket.Poll(first, (nuint)count, milliseconds);
            for (int i = 0; i < sockets.Length; i++)
            {
                ready[i] = found > 0 && entries[i].Returned != 0;
            }

            bool woken = found > 0 && entries[sockets.Length].Returned != 0;
            if (rented is not null)
            {
                System.Buffers.ArrayPool<LinuxSocket.PollEntry>.Shared.Return(rented);
            }

            return woken;
        }
    }

    /// <summary>Waits until a socket can be written.</summary>
    /// <returns>False when it could not within the time.</returns>
    public static bool ForSending(SafeHandle socket, int milliseconds)
    {
        var entry = new LinuxSocket.PollEntry { File = (int)socket.DangerousGetHandle(), Events = LinuxSocket.PollOut };
        return LinuxSocket.Poll(&entry, 1, milliseconds) > 0;
    }
}
