using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>Makes sockets take nothing new, so that what they hold already can be read to its end.</summary>
public static unsafe class SocketSeal
{
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const ushort LoadOctet = 0x30;
    private const ushort And = 0x54;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint FlagsOffset = 13;            // of a TCP header
    private const uint Synchronise = 0x02;
    private const uint Acknowledge = 0x10;
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
    public static bool TryDropAll(SafeHandle socket) => TryFilter(socket, [new() { Code = Return }]);

    /// <summary>Makes a listening TCP socket drop what would begin a connection, so that those that have begun can be accepted to the last.
    /// Who is turned away tries again after a second.</summary>
    /// <returns>False when the system does not do that.</returns>
    public static bool TryDropNewConnections(SafeHandle socket) => TryFilter(
        socket,
        [
            new() { Code = LoadOctet, Operand = FlagsOffset },
            new() { Code = And, Operand = Synchronise | Acknowledge },
            new() { Code = JumpIfEqual, Operand = Synchronise, JumpFalse = 1 },
            new() { Code = Return },
            new() { Code = Return, Operand = uint.MaxValue },
        ]);

    /// <summary>Has a program decide how much of each packet is kept.</summary>
    private static bool TryFilter(SafeHandle socket, ReadOnlySpan<LinuxSocket.FilterInstruction> instructions)
    {
        if (!OperatingSystem.IsLinux() || socket.IsInvalid || socket.IsClosed)
        {
            return false;
        }

        fixed (LinuxSocket.FilterInstruction* first = instructions)
        {
            var program = new LinuxSocket.FilterProgram { Length = (ushort)instructions.Length, Instructions = first };
            return LinuxSocket.SetOption(socket, SocketLevel, AttachFilter, &program, (uint)sizeof(LinuxSocket.FilterProgram)) == 0;
        }
    }

    private static void Replace(Span<byte> octets, IPAddress address, IPAddress other)
    {
        if (octets.SequenceEqual(address.GetAddressBytes()))
        {
            other.TryWriteBytes(octets, out _);
        }
    }
}
