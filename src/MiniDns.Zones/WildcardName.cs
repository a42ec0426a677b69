using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>Makes the name <c>*</c> below another.</summary>
internal static class WildcardName
{
    /// <summary>Writes it.</summary>
    /// <param name="parent">The name above.</param>
    /// <param name="destination">Takes two octets more than the name has; the result may be one octet too long for a name, which only makes it exist nowhere.</param>
    public static DnsNameView Below(DnsNameView parent, Span<byte> destination)
    {
        destination[0] = 1;
        destination[1] = (byte)'*';
        parent.Wire.CopyTo(destination[2..]);
        return new DnsNameView(destination[..(parent.Length + 2)]);
    }
}
