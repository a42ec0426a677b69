using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>An address of this server and the name it has in every zone.</summary>
/// <param name="endpoint">The endpoint's label; empty for a service's own name.</param>
/// <param name="labels">The labels of service and namespace in wire form; empty for <c>ns.dns</c>.</param>
/// <param name="address">The 4 or 16 octets of the address.</param>
internal sealed class NameServer(byte[] endpoint, byte[] labels, byte[] address)
{
    /// <summary>The octets of the address.</summary>
    public ReadOnlySpan<byte> Address => address;

    /// <summary>Writes the name.</summary>
    /// <param name="zone">The zone in wire form.</param>
    /// <param name="name">Takes at most 255 octets.</param>
    public DnsNameView WriteName(ReadOnlySpan<byte> zone, Span<byte> name)
    {
        if (labels.Length > 0)
        {
            return new DnsNameView(name[..RecordWriter.ServiceName(endpoint, default, labels, zone, name)]);
        }

        ReadOnlySpan<byte> head = "\u0002ns\u0003dns"u8;
        head.CopyTo(name);
        zone.CopyTo(name[head.Length..]);
        return new DnsNameView(name[..(head.Length + zone.Length)]);
    }

    /// <summary>Writes the name in the zone that records are written for.</summary>
    public DnsNameView WriteName(in RecordWriter records, Span<byte> name) => WriteName(records.Zone, name);
}
