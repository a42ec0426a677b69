using System.Buffers.Binary;

namespace MiniDns.Protocol.Messages;

/// <summary>The client subnet option (RFC 7871 §6), seen through the octets of its message.</summary>
public readonly ref struct EdnsClientSubnet
{
    private EdnsClientSubnet(ushort family, byte source, byte scope, ReadOnlySpan<byte> address)
    {
        Family = family;
        SourcePrefixLength = source;
        ScopePrefixLength = scope;
        Address = address;
    }

    /// <summary>The address family (IANA): 1 for IPv4, 2 for IPv6; 0 with no address.</summary>
    public ushort Family { get; }

    /// <summary>How many leading bits of the address the client tells.</summary>
    public byte SourcePrefixLength { get; }

    /// <summary>How many leading bits the answer is good for; 0 in queries.</summary>
    public byte ScopePrefixLength { get; }

    /// <summary>As many octets of the address as the source prefix needs.</summary>
    public ReadOnlySpan<byte> Address { get; }

    /// <summary>Reads the option's data.</summary>
    /// <returns>False when a prefix is longer than the family's addresses, or the address is not as long as the prefix needs or
    /// has bits beyond it, which RFC 7871 §7.1.1 makes a FORMERR.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, out EdnsClientSubnet subnet)
    {
        subnet = default;
        if (data.Length < 4)
        {
            return false;
        }

        ushort family = BinaryPrimitives.ReadUInt16BigEndian(data);
        byte source = data[2];
        byte scope = data[3];
        ReadOnlySpan<byte> address = data[4..];
        int width = family switch { 0 => 0, 1 => 32, 2 => 128, _ => -1 };
        if (source > width
            || scope > width
            || address.Length != (source + 7) / 8
            || (source % 8 != 0 && (address[^1] & (0xFF >> (source % 8))) != 0))
        {
            return false;
        }

        subnet = new EdnsClientSubnet(family, source, scope, address);
        return true;
    }
}
