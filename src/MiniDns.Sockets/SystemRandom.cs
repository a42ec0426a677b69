using System.Security.Cryptography;

namespace MiniDns.Sockets;

/// <summary>Unpredictable octets from the system's generator.</summary>
/// <remarks>On Linux by getrandom: <see cref="RandomNumberGenerator"/> loads OpenSSL there, some 5 MB that a server without TLS has no other
/// use for.</remarks>
public static unsafe class SystemRandom
{
    /// <summary>Fills a span.</summary>
    public static void Fill(Span<byte> destination)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomNumberGenerator.Fill(destination);
            return;
        }

        while (!destination.IsEmpty)
        {
            nint got;
            fixed (byte* at = destination)
            {
                got = LinuxSocket.GetRandom(at, (nuint)destination.Length, flags: 0);
            }

            // It waits for entropy only while the machine boots; a signal may end that wait.
            destination = destination[(int)Math.Max(0, got)..];
        }
    }
}
