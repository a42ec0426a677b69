using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>Says what a socket takes in.</summary>
public static unsafe class SocketFilter
{
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const ushort Return = 0x06;

    /// <summary>Makes a socket drop whatever comes from now on, so that what it holds already can be read to its end.</summary>
    /// <returns>False when the system does not do that.</returns>
    public static bool TryDropAll(SafeHandle socket)
    {
        if (!OperatingSystem.IsLinux() || socket.IsInvalid || socket.IsClosed)
        {
            return false;
        }

        // A program of one instruction: keep nothing.
        var instruction = new LinuxSocket.FilterInstruction { Code = Return };
        var program = new LinuxSocket.FilterProgram { Length = 1, Instructions = &instruction };
        return LinuxSocket.SetOption(socket, SocketLevel, AttachFilter, &program, (uint)sizeof(LinuxSocket.FilterProgram)) == 0;
    }
}
