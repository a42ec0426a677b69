using System.Buffers.Binary;
using MiniDns.Cluster.Objects;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Kubernetes;

/// <summary>Puts records of one zone into a response, each once, as long as there is room.</summary>
internal readonly ref struct RecordWriter
{
    private readonly DnsResponse _response;
    private readonly ReadOnlySpan<byte> _zone;
    private readonly uint _ttl;
    private readonly ref ResponseBudget _budget;

    /// <summary>Writes into a response.</summary>
    /// <param name="response">The response.</param>
    /// <param name="zone">The wire form of the zone, in the case that names are to end in.</param>
    /// <param name="ttl">The time to live of records, in seconds.</param>
    /// <param name="budget">Says how much there is room for.</param>
    public RecordWriter(DnsResponse response, ReadOnlySpan<byte> zone, uint ttl, ref ResponseBudget budget)
    {
        _budget = ref budget;
        _response = response;
        _zone = zone;
        _ttl = ttl;
    }

    /// <summary>The response.</summary>
    public DnsResponse Response => _response;

    /// <summary>The zone in wire form, in the case that names are to end in.</summary>
    public ReadOnlySpan<byte> Zone => _zone;

    /// <summary>The time to live of records, in seconds.</summary>
    public uint Ttl => _ttl;

    /// <summary>Adds an address to the answer unless it is there.</summary>
    public void Address(scoped DnsNameView owner, scoped ReadOnlySpan<byte> address) =>
        AddOnce(DnsSection.Answer, owner, address.Length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, address);

    /// <summary>Adds an address to the additional section unless it is there.</summary>
    public void Glue(scoped DnsNameView owner, scoped ReadOnlySpan<byte> address) =>
        AddOnce(DnsSection.Additional, owner, address.Length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, address);

    /// <summary>Adds a service record unless it is there.</summary>
    public void Service(scoped DnsNameView owner, ushort weight, int port, scoped DnsNameView target)
    {
        Span<byte> rdata = stackalloc byte[6 + DnsNameView.MaxLength];
        BinaryPrimitives.WriteUInt16BigEndian(rdata, 0);
        BinaryPrimitives.WriteUInt16BigEndian(rdata[2..], weight);
        BinaryPrimitives.WriteUInt16BigEndian(rdata[4..], (ushort)port);
        target.Wire.CopyTo(rdata[6..]);
        AddOnce(DnsSection.Answer, owner, DnsRecordType.SRV, rdata[..(6 + target.Length)]);
    }

    /// <summary>Adds a record whose rdata is a name (CNAME, NS, PTR) to the answer unless it is there.</summary>
    public void Name(scoped DnsNameView owner, DnsRecordType type, scoped DnsNameView target) => AddOnce(DnsSection.Answer, owner, type, target.Wire);

    /// <summary>Adds the zone's SOA record.</summary>
    /// <param name="section">Where it goes.</param>
    /// <param name="ttl">Its time to live in seconds.</param>
    /// <param name="serial">Its serial number.</param>
    /// <param name="minimum">Its MINIMUM in seconds.</param>
    public void Soa(DnsSection section, uint ttl, uint serial, uint minimum)
    {
        Span<byte> rdata = stackalloc byte[(2 * DnsNameView.MaxLength) + 64];
        int length = SoaRdata(_zone, serial, minimum, rdata);
        _response.AddSynthesized(section, new DnsNameView(_zone), DnsRecordType.SOA, DnsRecordClass.IN, ttl, rdata[..length]);
    }

    /// <summary>Adds a TXT record of one string to the answer.</summary>
    public void Text(scoped DnsNameView owner, uint ttl, scoped ReadOnlySpan<byte> text)
    {
        Span<byte> rdata = stackalloc byte[256];
        rdata[0] = (byte)text.Length;
        text.CopyTo(rdata[1..]);
        _response.AddSynthesized(DnsSection.Answer, owner, DnsRecordType.TXT, DnsRecordClass.IN, ttl, rdata[..(text.Length + 1)]);
    }

    /// <summary>Writes the rdata of a zone's SOA record.</summary>
    /// <returns>Its length in octets.</returns>
    public static int SoaRdata(ReadOnlySpan<byte> zone, uint serial, uint minimum, Span<byte> rdata)
    {
        int at = Join("\u0002ns\u0003dns"u8, zone, rdata);
        at += Join("\u000Ahostmaster"u8, zone, rdata[at..]);
        foreach (uint number in (ReadOnlySpan<uint>)[serial, 7200, 1800, 86400, minimum])
        {
            BinaryPrimitives.WriteUInt32BigEndian(rdata[at..], number);
            at += 4;
        }

        return at;
    }

    /// <summary>Writes the name of a service in a zone, or of one of its endpoints.</summary>
    /// <param name="endpoint">The endpoint's label; empty for none.</param>
    /// <param name="cluster">The endpoint's cluster; empty for none.</param>
    /// <param name="labels">The labels of service and namespace in wire form.</param>
    /// <param name="zone">The zone in wire form.</param>
    /// <param name="name">Takes at most 255 octets.</param>
    /// <returns>The name's length in octets; 0 when it would be too long.</returns>
    public static int ServiceName(ReadOnlySpan<byte> endpoint, ReadOnlySpan<byte> cluster, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> zone, Span<byte> name)
    {
        if (endpoint.Length + cluster.Length + labels.Length + zone.Length + 6 > DnsNameView.MaxLength)
        {
            return 0;
        }

        int at = WriteLabel(endpoint, name);
        at += WriteLabel(cluster, name[at..]);
        labels.CopyTo(name[at..]);
        at += labels.Length;
        return at + Join("\u0003svc"u8, zone, name[at..]);
    }

    /// <summary>Writes the name of a service or endpoint in this zone.</summary>
    public DnsNameView TargetName(ReadOnlySpan<byte> endpoint, ReadOnlySpan<byte> cluster, ReadOnlySpan<byte> labels, Span<byte> name) =>
        new(name[..ServiceName(endpoint, cluster, labels, _zone, name)]);

    private static int WriteLabel(ReadOnlySpan<byte> label, Span<byte> to)
    {
        if (label.IsEmpty)
        {
            return 0;
        }

        to[0] = (byte)label.Length;
        label.CopyTo(to[1..]);
        return label.Length + 1;
    }

    private static int Join(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> zone, Span<byte> to)
    {
        labels.CopyTo(to);
        zone.CopyTo(to[labels.Length..]);
        return labels.Length + zone.Length;
    }

    private void AddOnce(DnsSection section, scoped DnsNameView owner, DnsRecordType type, scoped ReadOnlySpan<byte> rdata)
    {
        foreach (ref readonly ResponseEntry entry in _response.Entries)
        {
            if (entry.Type == type && entry.Section == section && entry.Records is null && _response.RdataOf(entry).SequenceEqual(rdata)
                && _response.OwnerOf(entry).Wire.SequenceEqual(owner.Wire))
            {
                return;
            }
        }

        if (!_budget.TrySpend(owner, rdata, hasOwnOwner: section == DnsSection.Additional))
        {
            _response.Flags |= DnsResponseFlags.Truncated;
            return;
        }

        // hosts of service records are called as those say, whatever the case of the question (RFC 4343 §4.1)
        _response.AddSynthesized(section, owner, type, DnsRecordClass.IN, _ttl, rdata, keepsCase: section == DnsSection.Additional);
    }
}
