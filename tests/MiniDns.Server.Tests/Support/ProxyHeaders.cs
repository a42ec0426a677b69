using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MiniDns.Server.Tests.Support;

/// <summary>PROXY headers as proxies write them.</summary>
internal static class ProxyHeaders
{
    public const byte Proxy = 0x21;
    public const byte Local = 0x20;

    public static byte[] Signature => [.. "\r\n\r\n\0\r\nQUIT\n"u8];

    /// <summary>Version 2, for UDP or TCP, with octets behind the addresses.</summary>
    public static byte[] Binary(string client, string local, bool isStream = false, params byte[] more)
    {
        IPEndPoint from = IPEndPoint.Parse(client);
        IPEndPoint to = IPEndPoint.Parse(local);
        byte family = (byte)((from.AddressFamily == AddressFamily.InterNetwork ? 0x10 : 0x20) | (isStream ? 1 : 2));
        return Raw(Proxy, family, [.. from.Address.GetAddressBytes(), .. to.Address.GetAddressBytes(), .. Port(from), .. Port(to), .. more]);
    }

    public static byte[] Raw(byte command, byte family, byte[] rest)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)rest.Length);
        return [.. Signature, command, family, .. length, .. rest];
    }

    /// <summary>Version 1.</summary>
    public static byte[] Line(string text) => Encoding.ASCII.GetBytes(text + "\r\n");

    private static byte[] Port(IPEndPoint endpoint) => [(byte)(endpoint.Port >> 8), (byte)endpoint.Port];
}
