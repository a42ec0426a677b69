using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MiniDns.Sockets;

/// <summary>Wakes a thread that waits in <see cref="SocketWait"/> (eventfd).</summary>
public sealed unsafe class WakeEvent : IDisposable
{
    private const int NonBlockingCloseOnExec = 0x80800;

    /// <summary>Makes an event that is not set.</summary>
    /// <exception cref="Win32Exception">The process has no file descriptors left.</exception>
    public WakeEvent()
    {
        int file = LinuxSocket.EventFd(0, NonBlockingCloseOnExec);
        if (file < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "eventfd");
        }

        Handle = new SafeFileHandle(file, ownsHandle: true);
    }

    internal SafeFileHandle Handle { get; }

    /// <summary>Wakes the thread; it stays awake until <see cref="Reset"/>.</summary>
    public void Set()
    {
        ulong one = 1;
        if (!Handle.IsClosed)
        {
            _ = LinuxSocket.Write(Handle, &one, sizeof(ulong));
        }
    }

    /// <summary>Takes the wake-up back.</summary>
    public void Reset()
    {
        ulong count;
        _ = LinuxSocket.Read(Handle, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
