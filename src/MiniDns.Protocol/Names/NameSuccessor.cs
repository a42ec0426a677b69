namespace MiniDns.Protocol.Names;

/// <summary>The name that comes next in canonical order (RFC 4034 §6.1): what an NSEC record names that denies as little as can be (RFC 4470 §3).</summary>
public static class NameSuccessor
{
    /// <summary>The first name that can stand behind a name: one below it, if there is room.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="apex">The zone's apex, which is the successor of the zone's last name.</param>
    /// <param name="destination">Takes up to <see cref="DnsNameView.MaxLength"/> octets.</param>
    /// <returns>The successor's length in octets.</returns>
    public static int Write(DnsNameView name, DnsNameView apex, Span<byte> destination)
    {
        if (name.Length + 2 <= DnsNameView.MaxLength)
        {
            destination[0] = 1;
            destination[1] = 0;
            name.Wire.CopyTo(destination[2..]);
            return name.Length + 2;
        }

        return WriteBeside(name, apex, destination);
    }

    /// <summary>The first name behind a name and all that can be below it.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="apex">The zone's apex, which is the successor of the zone's last name.</param>
    /// <param name="destination">Takes up to <see cref="DnsNameView.MaxLength"/> octets.</param>
    /// <returns>The successor's length in octets.</returns>
    public static int WriteBeside(DnsNameView name, DnsNameView apex, Span<byte> destination)
    {
        for (; name.Length > apex.Length; name = name.Parent)
        {
            ReadOnlySpan<byte> label = name.FirstLabel;
            ReadOnlySpan<byte> rest = name.Wire[(label.Length + 1)..];
            if (label.Length < DnsNameView.MaxLabelLength && name.Length < DnsNameView.MaxLength)
            {
                label.CopyTo(destination[1..]);
                destination[1 + label.Length] = 0;
                return Finish(label.Length + 1, rest, destination);
            }

            label = label.TrimEnd((byte)0xFF);
            if (!label.IsEmpty)
            {
                label.CopyTo(destination[1..]);
                ref byte last = ref destination[label.Length];

                // Upper case is no case of its own: behind '@' comes '['.
                last = last == (byte)'@' ? (byte)'[' : (byte)(last + 1);
                return Finish(label.Length, rest, destination);
            }
        }

        apex.Wire.CopyTo(destination);
        return apex.Length;
    }

    private static int Finish(int label, ReadOnlySpan<byte> rest, Span<byte> destination)
    {
        destination[0] = (byte)label;
        rest.CopyTo(destination[(1 + label)..]);
        return 1 + label + rest.Length;
    }
}
