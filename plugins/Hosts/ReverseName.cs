using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Hosts;

/// <summary>The names under which addresses are looked up in reverse.</summary>
internal static class ReverseName
{
    /// <summary>The <c>in-addr.arpa</c> (RFC 1035 §3.5) or <c>ip6.arpa</c> (RFC 3596 §2.5) name of an address.</summary>
    public static DnsName Of(ClientAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        int count = address.WriteOctets(octets);
        Span<byte> wire = stackalloc byte[80];
        int length = 0;
        for (int i = count - 1; i >= 0; i--)
        {
            if (address.IsIPv6)
            {
                wire[length++] = 1;
                wire[length++] = HexDigit(octets[i] & 0xF);
                wire[length++] = 1;
                wire[length++] = HexDigit(octets[i] >> 4);
            }
            else
            {
                octets[i].TryFormat(wire[(length + 1)..], out int digits, provider: System.Globalization.CultureInfo.InvariantCulture);
                wire[length] = (byte)digits;
                length += digits + 1;
            }
        }

        ReadOnlySpan<byte> tail = address.IsIPv6 ? "\u0003ip6\u0004arpa\0"u8 : "\u0007in-addr\u0004arpa\0"u8;
        tail.CopyTo(wire[length..]);
        return DnsName.FromView(new DnsNameView(wire[..(length + tail.Length)]));
    }

    private static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);
}
