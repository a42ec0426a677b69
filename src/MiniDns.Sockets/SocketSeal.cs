using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>Makes UDP sockets take nothing new, so that what they hold already can be read to its end.</summary>
public static unsafe class SocketSeal
{
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const ushort Return = 0x06;
    private const int LongestAddress = 28;          // sockaddr_in6

    /// <summary>Makes a bound UDP socket take nothing new: what comes from now on goes to other sockets that are bound to the address, or to
    /// all addresses, and is refused when there is none.</summary>
    /// <remarks>The socket is connected to its own address, and a connected socket gets only what its peer sends. It leaves the group of
    /// those that share its port; it can still send to anybody.</remarks>
    /// <returns>False when the system does not do that; nothing has changed then.</returns>
    public static bool TryTurnAway(SafeHandle socket)
    {
        if (!OperatingSystem.IsLinux() || socket.IsInvalid || socket.IsClosed)
        {
            return false;
        }

        byte* address = stackalloc byte[LongestAddress];
        uint length = LongestAddress;
        if (LinuxSocket.GetName(socket, address, &length) != 0)
        {
            return false;
        }

        // One is not connected to all addresses; a host talks to itself by the loopback one.
        var octets = new Span<byte>(address, (int)length);
        if (MemoryMarshal.Read<ushort>(octets) == (ushort)AddressFamily.InterNetwork)
        {
            Replace(octets.Slice(4, 4), IPAddress.Any, IPAddress.Loopback);
        }
        else
        {
            Replace(octets.Slice(8, 16), IPAddress.IPv6Any, IPAddress.IPv6Loopback);
        }

        return LinuxSocket.Connect(socket, address, length) == 0;
    }

    /// <summary>Makes a socket drop whatever comes from now on, even when another socket could take it.</summary>
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

    private static void Replace(Span<byte> octets, IPAddress address, IPAddress other)
    {
        if (octets.SequenceEqual(address.GetAddressBytes()))
        {
            other.TryWriteBytes(octets, out _);
        }
    }
}
