using System.Runtime.InteropServices;

namespace MiniDns.Sockets;

/// <summary>The few system calls that batches need, as Linux has them on 64-bit machines (glibc and musl alike).</summary>
internal static unsafe partial class LinuxSocket
{
    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;
    public const int TruncatedFlag = 0x20;
    public const short PollIn = 1;
    public const short PollOut = 4;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int WouldBlock = 11;
    public const int InvalidArgument = 22;
    public const int TooLong = 90;

    /// <summary>The octets that <see cref="WriteSegmentSize"/> writes: a header of 16 and two octets, filled up to eight.</summary>
    public const int SegmentSizeSpace = 24;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(SafeHandle socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(SafeHandle socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeHandle file, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeHandle file, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    public static partial nint GetRandom(void* buffer, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(nint file);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(SafeHandle socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetName(SafeHandle socket, void* address, uint* length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(SafeHandle socket, void* address, uint length);

    /// <summary>Writes the control message UDP_SEGMENT: a message is to be cut into datagrams of so many octets.</summary>
    /// <returns>The octets written.</returns>
    public static int WriteSegmentSize(Span<byte> control, ushort octets)
    {
        const int LevelUdp = 17;
        const int Segment = 103;
        nuint length = 16 + sizeof(ushort);
        int level = LevelUdp;
        int type = Segment;
        MemoryMarshal.Write(control, in length);
        MemoryMarshal.Write(control[8..], in level);
        MemoryMarshal.Write(control[12..], in type);
        MemoryMarshal.Write(control[16..], in octets);
        return SegmentSizeSpace;
    }

    /// <summary>struct sock_filter: one instruction of a packet filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FilterInstruction
    {
        public ushort Code;
        public byte JumpTrue;
        public byte JumpFalse;
        public uint Operand;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FilterProgram
    {
        public ushort Length;
        public FilterInstruction* Instructions;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr: a struct msghdr and the octets transferred.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;

        // struct msghdr ends on a boundary of eight octets; only behind it comes what mmsghdr adds.
        private readonly int _padding;
        public uint Transferred;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
